import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { type Answer, type Client, password, TestServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { Latchkey, type Served } from '../program.js';

const log = new LogLines();
let cluster: Cluster;
let server: TestServer;
let latchkey: Latchkey;
let served: Served;
let browser: Client;
let program: Client;

const credentials = { e: 'person@example.com', p: password };
const asks: [string, () => Promise<Answer>][] = [
  ['the session of a browser', () => browser.send('{ viewer { kind } }')],
  ['a token', () => program.send('{ viewer { kind } }')],
  ['a session that runs as a token', () => browser.send('{ viewer { kind } }', {}, { 'x-run-as': 'abilities=read' })],
  [
    'a sign-in',
    () =>
      server
        .asGuest()
        .send('mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }', credentials),
  ],
  [
    'a rule that reads the settings',
    () =>
      server
        .asGuest()
        .send(
          'mutation ($e: String!, $p: String!) { issueApiToken(email: $e, password: $p, deviceName: "D") { plainTextToken } }',
          credentials,
        ),
  ],
];

beforeAll(async () => {
  cluster = await Cluster.start();
  latchkey = await Latchkey.build();
  server = await TestServer.start({ DATABASE_URL: await cluster.createDatabase(), LOG_LEVEL: 'trace' }, log);
  served = await latchkey.serve({
    NODE_ENV: 'production',
    APP_URL: 'http://localhost:4000',
    LOG_LEVEL: 'trace',
    DATABASE_URL: await cluster.createDatabase(),
  });
  await server.api(true);
  const user = await server.user();
  browser = await server.withSession(user);
  program = await server.actingAs(user, ['read']);
}, 180_000);
afterAll(async () => {
  await server?.stop();
  await latchkey?.remove();
  cluster?.remove();
});

describe('E2, E8, Z10: a database that goes away', () => {
  test('is told as a service that is away, keeps every rule closed, and leaves JSON in the log', async () => {
    for (const [, ask] of asks.slice(0, 3)) {
      expect((await ask()).status).toBe(200);
    }
    const cookie = `latchkey=${'a'.repeat(43)}`;
    await served.ask('{ viewer { kind } }', { cookie });
    const said = served.stdout.length;
    log.clear();
    await cluster.down('fast');
    try {
      for (const [who, ask] of asks) {
        const answer = await ask();
        expect([who, answer.codes, answer.status]).toEqual([who, ['SERVICE_UNAVAILABLE'], 503]);
        expect(answer.errors?.[0]?.message).toBe('The service is not available at the moment. Try again shortly.');
        expect(answer.errors?.[0]?.extensions.requestId).toBe(answer.headers.get('x-request-id'));
        expect(answer.data ?? null).toBeNull();
        expect(answer.text).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${cluster.port}|postgres|terminat`, 'i'));
        expect((await served.ask('{ viewer { kind } }', { cookie })).codes).toEqual(['SERVICE_UNAVAILABLE']);
      }
      expect((await server.asGuest().send('{ __typename viewer { kind } }')).data).toEqual({
        __typename: 'Query',
        viewer: { kind: 'GUEST' },
      });
    } finally {
      await cluster.up();
    }
    for (const [, ask] of asks.slice(0, 3)) {
      expect((await ask()).status).toBe(200);
    }
    const failures = log.entries.filter(({ err }) => err !== undefined);
    expect(failures.length).toBeGreaterThanOrEqual(asks.length);
    expect(log.text).not.toMatch(new RegExp(`${program.token}|${browser.cookie.split('=')[1]}|${password}`));
    const lines = served.stdout
      .slice(said)
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(asks.length);
    for (const line of lines) {
      expect(() => JSON.parse(line)).not.toThrow();
    }
    expect(served.stderr).toBe('');
  });
});
