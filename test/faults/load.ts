import { setTimeout as sleep } from 'node:timers/promises';
import { type Credential, type Deployment, send } from './deployment.js';

/** What a request is for, and so whether it is looked up afterwards. */
type Kind = 'post' | 'token' | 'read';

/** One request, as its client saw it. */
export interface Attempt {
  readonly kind: Kind;
  /** Title of the post or name of the token that it makes; empty for a reader. */
  readonly name: string;
  /** Milliseconds since 1970, and how many the answer took. */
  readonly at: number;
  readonly ms: number;
  readonly ok: boolean;
  /** `200`, or status and code, or what became of the connection. */
  readonly outcome: string;
  /** The answer was the proxy's own: no instance has put its id on it. */
  readonly byProxy: boolean;
  /** Text of a token that was made. */
  readonly token?: string;
}

/** Between two requests of one client, and after a refusal. */
const pauseMs = { success: 8, refusal: 60 };
const patienceMs = 30_000;
let sequence = 0;

/** Clients that write and read through the proxy, one request after the other, each with a credential of its own kind. */
export class Load {
  readonly attempts: Attempt[] = [];
  readonly #prefix = `run ${process.pid}.${++sequence} `;
  readonly #clients: Promise<void>[];
  #stopped = false;
  #written = 0;

  private constructor(private readonly deployment: Deployment) {
    const { session, token } = deployment;
    this.#clients = [
      ...Array.from({ length: 3 }, () => this.#client(() => this.#writePost(session))),
      ...Array.from({ length: 3 }, () => this.#client(() => this.#writePost(token))),
      ...Array.from({ length: 2 }, () => this.#client(() => this.#writeToken(session))),
      ...[session, token, token].map((who) => this.#client(() => this.#read(who))),
    ];
  }

  /** Starts eight writers and three readers. */
  static start(deployment: Deployment): Load {
    return new Load(deployment);
  }

  /** Lets every client finish the request that it waits for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  /** What all titles and names of this load begin with. */
  get prefix(): string {
    return this.#prefix;
  }

  /** When the first request that came to a good end did so, at `time` or later; undefined when none did. */
  firstSuccess(time: number): number | undefined {
    const ends = this.attempts.filter(({ ok, at, ms }) => ok && at + ms >= time).map(({ at, ms }) => at + ms);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** When the last refusal came; undefined without any. */
  lastRefusal(): number | undefined {
    const ends = this.attempts.filter(({ ok }) => !ok).map(({ at, ms }) => at + ms);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  async #client(request: () => Promise<Attempt>): Promise<void> {
    while (!this.#stopped) {
      const attempt = await request();
      this.attempts.push(attempt);
      await sleep(attempt.ok ? pauseMs.success : pauseMs.refusal);
    }
  }

  #writePost(who: Credential): Promise<Attempt> {
    const name = this.#name();
    return this.#try('post', name, who, 'mutation ($name: String!) { createPost(title: $name, body: "b") { id } }');
  }

  #writeToken(who: Credential): Promise<Attempt> {
    const name = this.#name();
    return this.#try(
      'token',
      name,
      who,
      'mutation ($name: String!) { createApiToken(name: $name, abilities: ["read"]) { plainTextToken } }',
    );
  }

  #read(who: Credential): Promise<Attempt> {
    return this.#try('read', '', who, '{ posts(first: 3) { nodes { title author { name } } } }');
  }

  #name(): string {
    this.#written += 1;
    return `${this.#prefix}${this.#written}`;
  }

  async #try(kind: Kind, name: string, who: Credential, document: string): Promise<Attempt> {
    const at = Date.now();
    const since = performance.now();
    const variables = name === '' ? undefined : { name };
    try {
      const answer = await send(this.deployment.url, document, who, variables, AbortSignal.timeout(patienceMs));
      const ok = answer.status === 200 && answer.errors === undefined && answer.data != null;
      const json = answer.headers.get('content-type')?.startsWith('application/graphql-response+json') === true;
      const token: string | undefined = answer.data?.createApiToken?.plainTextToken;
      return {
        kind,
        name,
        at,
        ms: performance.now() - since,
        ok,
        outcome: ok ? '200' : `${answer.status} ${json ? answer.codes.join() : `not in our shape: ${answer.text}`}`,
        byProxy: answer.headers.get('x-request-id') === null,
        ...(token === undefined ? {} : { token }),
      };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { kind, name, at, ms: performance.now() - since, ok: false, outcome: String(cause), byProxy: false };
    }
  }
}
