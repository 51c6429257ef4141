import { freePort } from '../../bench/free-port.js';
import { type Answer, readAnswer } from '../helper.js';
import type { Latchkey, Served } from '../program.js';
import { Nginx } from './nginx.js';

const administrator = { email: 'root@example.com', password: 'what only the operator knows' };

/** What a client holds: the headers of a browser with a session, or those of a program with a token. */
export type Credential = Readonly<Record<string, string>>;

/** Two instances of the server on one PostgreSQL, and nginx in front of them. */
export class Deployment {
  private constructor(
    private readonly latchkey: Latchkey,
    private readonly environments: readonly Readonly<Record<string, string>>[],
    /** The instances, as they run now. */
    readonly servers: Served[],
    readonly proxy: Nginx,
    /** An administrator's session. */
    readonly session: Credential,
    /** A token of theirs that may create and read. */
    readonly token: Credential,
  ) {}

  /** Starts both on an empty or migrated database, and switches the API for tokens on. */
  static async start(
    latchkey: Latchkey,
    databaseUrl: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Deployment> {
    const [port, ...ports] = await Promise.all([freePort(), freePort(), freePort()]);
    const environments = ports.map((own) => ({
      NODE_ENV: 'production',
      LOG_LEVEL: 'error',
      // Writing it is the last thing a process does, and takes seconds on a busy machine.
      NODE_DISABLE_COMPILE_CACHE: '1',
      DATABASE_URL: databaseUrl,
      PORT: String(own),
      APP_URL: `http://127.0.0.1:${port}`,
      TRUST_PROXY: '127.0.0.1',
      DRAIN_SECONDS: '1',
      TOKENS_PER_USER: '10000',
      COST_PER_MINUTE: '0',
      ADMIN_EMAIL: administrator.email,
      ADMIN_PASSWORD: administrator.password,
      ...env,
    }));
    const servers = await Promise.all(environments.map((one) => latchkey.serve(one)));
    const [a = 0, b = 0] = ports;
    const proxy = await Nginx.start(port, [`127.0.0.1:${a}`, `127.0.0.1:${b}`]);
    const ask = async (query: string, headers: Credential) => {
      const answer = await send(`${proxy.origin}/graphql`, query, headers);
      if (answer.errors !== undefined) {
        throw new Error(answer.text);
      }
      return answer;
    };
    const { email, password } = administrator;
    const login = await ask(`mutation { login(email: "${email}", password: "${password}") { kind } }`, {});
    const session = { cookie: login.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
    await ask('mutation { updateApiSettings(enabled: true) { enabled } }', session);
    const { data } = await ask(
      'mutation { createApiToken(name: "Load", abilities: ["create", "read"]) { plainTextToken } }',
      session,
    );
    const token = { authorization: `Bearer ${data.createApiToken.plainTextToken}` };
    return new Deployment(latchkey, environments, servers, proxy, session, token);
  }

  /** The GraphQL endpoint behind the proxy. */
  get url(): string {
    return `${this.proxy.origin}/graphql`;
  }

  /** Sends a document to the proxy. */
  ask(query: string, headers: Credential = {}): Promise<Answer> {
    return send(this.url, query, headers);
  }

  /** Sends a document to one instance. */
  askInstance(index: number, query: string, headers: Credential = {}): Promise<Answer> {
    return send(this.#server(index).url, query, headers);
  }

  /** The status of a path of one instance, and the milliseconds that it took. */
  async probe(index: number, path: string): Promise<{ status: number; ms: number }> {
    const since = performance.now();
    const response = await fetch(new URL(path, this.#server(index).url));
    await response.text();
    return { status: response.status, ms: performance.now() - since };
  }

  /** Starts an instance again, at the port that it had. */
  async restart(index: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.servers[index] = await this.latchkey.serve({ ...this.environments[index], ...env });
  }

  /** The exit codes of the instances that have ended. */
  async ended(): Promise<(number | string)[]> {
    const codes = await Promise.all(
      this.servers.map((server) => Promise.race([server.ended.then(({ code }) => code), Promise.resolve(undefined)])),
    );
    return codes.filter((code) => code !== undefined);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.end('SIGKILL')));
    await this.proxy.stop();
  }

  #server(index: number): Served {
    const server = this.servers[index];
    if (server === undefined) {
      throw new Error(`There is no instance ${index}.`);
    }
    return server;
  }
}

/** Sends a document as a page of the server would. */
export async function send(
  url: string,
  query: string,
  headers: Credential,
  variables?: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: signal ?? null,
  });
  return readAnswer(response);
}
