import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Passwords } from '../../src/auth/passwords.js';
import { hashSecret } from '../../src/auth/token-text.js';
import { Cluster } from '../cluster.js';
import { type Answer, password, readAnswer } from '../helper.js';
import { Latchkey, type Served } from '../program.js';

/** One source of the program changed before it is built. */
type Edit = Parameters<typeof Latchkey.build>[0];

/** Nothing that only counts, or has the whole machine in view, may disturb. */
const unthrottled = {
  LOGIN_ATTEMPTS_PER_MINUTE: '10000',
  LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
  COST_PER_MINUTE: '0',
  COST_PER_MINUTE_GUEST: '0',
  MAX_EVENT_LOOP_DELAY_MS: '0',
};

/** Whose credential a request carries: a session's cookie, a token's text, or none. */
export interface Asker {
  readonly kind?: string;
  readonly cookie?: string;
  readonly text?: string;
}

/** Two processes of the program on one PostgreSQL, and a connection of our own beside them. */
export class Pair {
  private constructor(
    private readonly cluster: Cluster,
    private readonly latchkey: Latchkey,
    readonly servers: readonly Served[],
    private readonly client: pg.Client,
    private readonly passwordHash: string,
  ) {}

  /** Throws where PostgreSQL is not installed. */
  static async start(env: Record<string, string> = {}, edit?: Edit): Promise<Pair> {
    const cluster = await Cluster.start({ fsync: 'off', synchronous_commit: 'off', timezone: 'Asia/Kathmandu' });
    let latchkey: Latchkey | undefined;
    try {
      const url = await cluster.createDatabase();
      latchkey = await Latchkey.build(edit);
      const settings = {
        DATABASE_URL: url,
        LOG_LEVEL: 'error',
        ...unthrottled,
        ...env,
      };
      const servers = [await latchkey.serve(settings), await latchkey.serve(settings)];
      const client = new pg.Client(url);
      await client.connect();
      return new Pair(cluster, latchkey, servers, client, await new Passwords().hash(password));
    } catch (error) {
      await latchkey?.remove();
      cluster.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.latchkey.remove();
    this.cluster.remove();
  }

  async sql<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(statement, values)).rows;
  }

  /** Empties the tables and switches the API off. */
  async reset(): Promise<void> {
    await this.sql('delete from users');
    await this.sql('delete from rate_limits');
    await this.sql('delete from audit_events');
    await this.sql('update api_settings set enabled = false, maximum_token_lifetime_days = null');
  }

  /** Makes an account with the password of all tests and returns its UUID. */
  async account(email: string, administrator: boolean): Promise<string> {
    const [row] = await this.sql<{ id: string }>(
      `insert into users (id, created_at, updated_at, name, email, password_hash, is_administrator)
       values (gen_random_uuid(), now(), now(), $1, $1, $2, $3) returning id`,
      [email, this.passwordHash, administrator],
    );
    return row?.id ?? '';
  }

  /** Begins a session of an account and returns its UUID and the cookie. */
  async session(account: string): Promise<{ id: string; cookie: string }> {
    const secret = randomBytes(32).toString('base64url');
    const [row] = await this.sql<{ id: string }>(
      `insert into sessions (id, created_at, user_id, secret_hash, last_active_at, expires_at)
       values (gen_random_uuid(), now(), $1, $2, now(), now() + interval '1 day') returning id`,
      [account, hashSecret(secret)],
    );
    return { id: row?.id ?? '', cookie: `latchkey=${secret}` };
  }

  /** Sends a document to one of the servers. */
  async ask(
    server: number,
    { cookie, text }: Asker,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<Answer> {
    const headers = {
      ...(cookie === undefined ? {} : { cookie }),
      ...(text === undefined ? {} : { authorization: `Bearer ${text}` }),
    };
    const response = await fetch(this.servers[server]?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return readAnswer(response);
  }
}
