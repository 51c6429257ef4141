import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { afterAll, beforeAll } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type DocumentNode, print } from 'graphql';
import pg from 'pg';
import { type App, createApp } from '../src/app.js';
import { readApiState } from '../src/auth/api-state.js';
import { serverStart } from '../src/auth/audit.js';
import { inMemory, loadConfig } from '../src/config.js';
import { sql } from '../src/database/sql.js';
import type { Cost } from '../src/errors.js';
import type { LogDestination } from '../src/http/log.js';
import { Post, postId } from '../src/posts/post.entity.js';
import { changeSettings } from '../src/settings/change.js';
import { issueToken } from '../src/tokens/issuance.js';
import { createAccount, toPrincipalUser } from '../src/users/account.js';
import { type User, userId } from '../src/users/user.entity.js';
import { migratedDatabase } from './snapshot.js';

/** What every account that a test makes can sign in with. */
export const password = 'correct horse battery staple';

/** One answer of the server. */
export interface Answer<Data = any> {
  readonly status: number;
  readonly headers: Headers;
  /** The body, as sent. */
  readonly text: string;
  readonly data: Data;
  readonly errors:
    | readonly { message: string; path?: (string | number)[]; extensions: Record<string, any> }[]
    | undefined;
  /** `extensions.code` of every error, in order. */
  readonly codes: readonly string[];
  /** `extensions.cost`; undefined where there is no budget. */
  readonly cost: Cost | undefined;
}

/** Someone who sends requests: a guest, a browser with a session, or a program with a token. */
export interface Client {
  /** Sends a document; throws when the answer holds anything that no answer may hold. */
  send<Data = any, Variables extends object = Record<string, unknown>>(
    document: string | TypedDocumentNode<Data, Variables>,
    variables?: Variables,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>;
  /** The cookie header that the client sends; empty without a session. */
  readonly cookie: string;
  /** The plain text of the client's token; empty without one. */
  readonly token: string;
}

let sequence = 0;

/** Budgets would differ from answer to answer, and many tests compare answers byte by byte. */
const withoutBudgets = { COST_PER_MINUTE: '0', COST_PER_MINUTE_GUEST: '0' };

/** A running server with a database of its own, and ways to act on it. */
export class TestServer {
  private constructor(
    readonly app: App,
    /** The address of the GraphQL endpoint. */
    readonly url: string,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  /** Starts on the database that `env` names, else on the embedded engine or on a new database beside the one in DATABASE_URL. */
  static async start(env: Record<string, string> = {}, logTo?: LogDestination): Promise<TestServer> {
    const { url, drop } =
      env.DATABASE_URL === undefined ? await newDatabase() : { url: env.DATABASE_URL, drop: async () => {} };
    const database = url === undefined ? { DATA_DIR: ':memory:' } : { DATABASE_URL: url, DATABASE_POOL_SIZE: '5' };
    // The event loop is that of the tests too, which keep it busy as they like.
    const lag = { MAX_EVENT_LOOP_DELAY_MS: '0' };
    const config = loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...lag,
      ...withoutBudgets,
      ...database,
      ...env,
    });
    const opened =
      config.databaseUrl === undefined && config.dataDir === inMemory ? migratedDatabase(config) : undefined;
    const app = await createApp(config, await opened, logTo);
    return new TestServer(app, await app.listen(), drop);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.dropDatabase();
  }

  /** The origin of the server, without a path. */
  get origin(): string {
    return new URL(this.url).origin;
  }

  /** A unit of work of its own, to look at the database or to prepare it. */
  get em(): EntityManager {
    return this.app.services.em.fork();
  }

  /** Runs a statement and returns its rows. */
  async sql<Row extends object = Record<string, any>>(statement: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await sql<Row>(this.app.services.em, statement, parameters)).rows;
  }

  /** Makes an account whose password is {@link password}. */
  async user(values: { name?: string; email?: string; isAdministrator?: boolean } = {}): Promise<User> {
    sequence += 1;
    return createAccount(
      this.em,
      this.app.services.passwords,
      {
        name: `User ${sequence}`,
        email: `user-${sequence}@example.com`,
        password,
        ...values,
      },
      serverStart,
    );
  }

  administrator(): Promise<User> {
    return this.user({ isAdministrator: true });
  }

  /** Writes a post; published unless told otherwise. */
  async post(author: User, values: { title?: string; body?: string; published?: boolean } = {}): Promise<Post> {
    const em = this.em;
    const post = em.create(Post, { title: 'A title', body: 'A text.', published: true, author: author.id, ...values });
    await em.flush();
    return post;
  }

  /** Switches the API for tokens on or off. */
  async api(enabled: boolean): Promise<void> {
    await changeSettings(this.em, this.app.services.catalogue, { enabled }, serverStart);
  }

  asGuest(): Client {
    return new HttpClient(this, '', '');
  }

  /** Signs a user in and returns the browser. */
  async withSession(user: User): Promise<Client> {
    const facts = {
      id: '',
      ip: '127.0.0.1',
      userAgent: 'test',
      authorization: [],
      sessionSecret: null,
      runAs: [],
      strayToken: false,
      trustedOrigin: true,
    };
    const { secret } = await this.app.services.sessions.begin(toPrincipalUser(user), facts, new Date());
    return new HttpClient(this, `latchkey=${secret}`, '');
  }

  /** Issues a token with exactly these abilities and returns the program that holds it. The API must be on. */
  async actingAs(user: User, abilities: string[], expiresAt: Date | null = null): Promise<Client> {
    const { services } = this.app;
    const { plainTextToken } = await issueToken(
      {
        em: this.em,
        catalogue: services.catalogue,
        prefix: services.config.tokenPrefix,
        limitPerUser: services.config.tokensPerUser,
        api: await readApiState(services.em),
      },
      // Tests also need tokens that only an earlier, more powerful owner could have made.
      {
        ownerId: user.id,
        owner: { isAdministrator: true },
        name: 'Test',
        abilities,
        expiresAt,
        by: serverStart,
        allowWildcard: true,
      },
      new Date(),
    );
    return this.withToken(plainTextToken);
  }

  /** A program that sends this text as its bearer token, whatever it is. */
  withToken(plainTextToken: string): Client {
    return new HttpClient(this, '', plainTextToken);
  }

  /** Every row of the tables that clients can change, to show that a refused request changed nothing. */
  async contents(): Promise<unknown> {
    const tables = ['users', 'posts', 'api_tokens', 'api_settings', 'sessions'];
    const rows = await Promise.all(
      tables.map((table) =>
        this.sql(
          `select (to_jsonb(t) - 'last_used_at' - 'last_used_ip' - 'last_active_at' - 'ip')::text as row from ${table} t order by id`,
        ),
      ),
    );
    return Object.fromEntries(tables.map((table, index) => [table, rows[index]]));
  }
}

class HttpClient implements Client {
  constructor(
    private readonly server: TestServer,
    public cookie: string,
    readonly token: string,
  ) {}

  async send<Data = any, Variables extends object = Record<string, unknown>>(
    document: string | TypedDocumentNode<Data, Variables>,
    variables?: Variables,
    headers: Record<string, string> = {},
  ): Promise<Answer<Data>> {
    const response = await fetch(this.server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: JSON.stringify({
        query: typeof document === 'string' ? document : print(document as DocumentNode),
        variables,
      }),
    });
    const setCookie = response.headers.getSetCookie()[0];
    if (setCookie !== undefined) {
      const [pair = ''] = setCookie.split(';');
      this.cookie = pair.endsWith('=') ? '' : pair;
    }
    return readAnswer<Data>(response);
  }
}

const forbidden = [
  /"stack/,
  /at \//,
  /node_modules/,
  /\b(SELECT|INSERT|UPDATE|DELETE) /,
  /Key \(/,
  /ECONN/,
  /\$argon2/,
  /[0-9a-f]{64}/,
];

/** Reads an answer, and throws when it holds what no answer may hold. */
export async function readAnswer<Data = any>(response: Response): Promise<Answer<Data>> {
  const text = await response.text();
  for (const pattern of [...forbidden, password]) {
    if (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)) {
      throw new Error(`The answer holds what no answer may hold (${pattern}): ${text}`);
    }
  }
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: body.data,
    errors: body.errors,
    codes: (body.errors ?? []).map((error: { extensions?: { code?: string } }) => error.extensions?.code ?? ''),
    cost: body.extensions?.cost,
  };
}

/** The id of a record as clients see it. */
export const publicIdOf = {
  user: (user: { id: string }) => userId.encode(user.id),
  post: (post: { id: string }) => postId.encode(post.id),
};

/** A server for the tests of one file, started before the first and stopped after the last. */
export function testServer(env: Record<string, string> = {}, logTo?: LogDestination): () => TestServer {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(env, logTo);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
  });
  return () => server;
}

/** A new, empty database beside the one in DATABASE_URL; without that variable there is no URL, for the embedded engine. */
export async function newDatabase(): Promise<{ url: string | undefined; drop: () => Promise<void> }> {
  const base = process.env.DATABASE_URL;
  if (base === undefined || base === '') {
    return { url: undefined, drop: async () => {} };
  }
  const name = `latchkey_test_${process.pid}_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  await administer(base, `create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(base, `drop database if exists ${name} with (force)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
