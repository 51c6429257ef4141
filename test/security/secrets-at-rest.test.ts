import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseToken } from '../../src/auth/token-text.js';
import { Cluster } from '../cluster.js';
import { type Client, TestServer } from '../helper.js';
import { LogLines } from '../log-lines.js';

const log = new LogLines();
const passwords = ['canary first password', 'canary second password', 'canary wrong password'] as const;
const [first, second, wrong] = passwords;
let cluster: Cluster;
let server: TestServer;
let secrets: Record<string, string>;
let kept: Record<string, string>;

beforeAll(async () => {
  cluster = await Cluster.start({
    log_statement: 'all',
    log_min_messages: 'debug1',
    track_activity_query_size: 16_384,
  });
  const database = await cluster.createDatabase();
  server = await TestServer.start({ DATABASE_URL: database, LOG_LEVEL: 'trace' }, log);
  await server.api(true);
  const activity: string[] = [];
  const look = async () => {
    const rows = await cluster.query<{ query: string }>('select query from pg_stat_activity where query is not null');
    activity.push(...rows.map(({ query }) => query));
  };
  const say = async (client: Client, document: string, variables: Record<string, unknown> = {}, headers = {}) => {
    const answer = await client.send(document, variables, headers);
    await look();
    return answer;
  };
  const who = { e: 'person@example.com', p: first };
  const browser = server.asGuest();
  await say(
    browser,
    'mutation ($e: String!, $p: String!) { register(name: "P", email: $e, password: $p) { kind } }',
    who,
  );
  const registered = browser.cookie;
  await say(server.asGuest(), 'mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }', {
    ...who,
    p: wrong,
  });
  await say(browser, 'mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }', who);
  const signedIn = browser.cookie;
  const made = await say(browser, 'mutation { createApiToken(name: "A", abilities: ["read"]) { plainTextToken } }');
  const issued = await say(
    server.asGuest(),
    'mutation ($e: String!, $p: String!) { issueApiToken(email: $e, password: $p, deviceName: "B") { plainTextToken apiToken { id } } }',
    who,
  );
  const tokens: string[] = [made.data.createApiToken.plainTextToken, issued.data.issueApiToken.plainTextToken];
  for (const token of tokens) {
    await say(server.withToken(token), '{ viewer { token { id } user { name } } posts { nodes { id } } }');
    await say(server.withToken(`${token.slice(0, -1)}!`), '{ viewer { kind } }');
    await say(browser, '{ viewer { kind } }', {}, { 'x-run-as': `token=${issued.data.issueApiToken.apiToken.id}` });
    await fetch(`${server.url}?access_token=${token}`, { method: 'POST', body: '{}' });
    await fetch(server.url, { method: 'POST', headers: { cookie: `other=${token}` }, body: '{}' });
  }
  await say(
    browser,
    'mutation ($o: String!, $n: String!) { updatePassword(currentPassword: $o, newPassword: $n) { kind } }',
    {
      o: first,
      n: second,
    },
  );
  const renewed = browser.cookie;
  await server.app.services.usage.flush();
  await look();
  const secretsOf = (token: string) => [token, parseToken('lk', token)?.secret ?? ''];
  secrets = Object.fromEntries(
    [
      ...passwords,
      ...[registered, signedIn, renewed].map((cookie) => cookie.split('=')[1] ?? ''),
      ...tokens.flatMap(secretsOf),
    ].map((secret, index) => [`secret ${index}`, secret]),
  );
  kept = {
    'a dump of the database': await dump(database),
    'the statements of pg_stat_activity': activity.join('\n'),
    'the log of PostgreSQL with every statement': cluster.log,
    'the log of the server': log.text,
  };
}, 120_000);
/** Every row of every table, as text. */
async function dump(database: string): Promise<string> {
  const tables = await cluster.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
    [],
    database,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => cluster.query<{ row: string }>(`select t::text as row from ${name} t`, [], database)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}
afterAll(async () => {
  await server?.stop();
  cluster?.remove();
});

describe('E9, E8: what there is of secrets after all of them were used', () => {
  test('was looked for in places that hold what belongs there', () => {
    expect(Object.values(secrets).filter((secret) => secret.length < 20)).toEqual([]);
    expect(Object.values(secrets)).toHaveLength(passwords.length + 3 + 4);
    const hashes = Object.values(secrets).map((secret) => createHash('sha256').update(secret).digest('hex'));
    const dump = kept['a dump of the database'] ?? '';
    // Two tokens and the one session that is left.
    expect(hashes.filter((hash) => dump.includes(hash))).toHaveLength(3);
    expect(
      hashes.filter((hash) => kept['the log of PostgreSQL with every statement']?.includes(hash)).length,
    ).toBeGreaterThan(3);
    expect(kept['the statements of pg_stat_activity']).toContain('secret_hash');
    expect(dump).toContain('$argon2id$');
    expect(log.entries.length).toBeGreaterThan(20);
  });

  test.each([
    'a dump of the database',
    'the statements of pg_stat_activity',
    'the log of PostgreSQL with every statement',
    'the log of the server',
  ])('%s holds none', (place) => {
    const text = kept[place] ?? '';
    expect(text.length).toBeGreaterThan(100);
    expect(
      Object.entries(secrets)
        .filter(([, secret]) => text.includes(secret))
        .map(([name]) => name),
    ).toEqual([]);
  });

  test('nothing of the accounts but their ids is in the log of the server', () => {
    expect(log.text).not.toMatch(/person@example\.com|\$argon2|[0-9a-f]{64}/);
  });
});
