import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { formatToken, newSecret, parseToken } from '../../src/auth/token-text.js';
import { ConfigError, loadConfig } from '../../src/config.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, TestServer, testServer } from '../helper.js';
import { head, sendRaw } from '../http/raw.js';
import { LogLines } from '../log-lines.js';

const log = new LogLines();
const server = testServer(
  { CONSOLE: 'off', METRICS_PORT: '0', LOG_LEVEL: 'info', LOGIN_ATTEMPTS_PER_MINUTE: '2' },
  log,
);

/** A metric with its labels, as it stands in the text, by value. */
type Samples = ReadonlyMap<string, number>;

async function scrape(url = server().app.metricsUrl() ?? '', headers: Record<string, string> = {}): Promise<Samples> {
  const response = await fetch(url, { headers });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** What a piece of work adds to the counters; the answer is counted a moment after it has arrived. */
async function added(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await scrape();
  await work();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const after = await scrape();
  return Object.fromEntries(
    [...after].flatMap(([name, value]) => {
      const more = value - (before.get(name) ?? 0);
      return /^latchkey_\w+_total/.test(name) && more !== 0 ? [[name.replace(/^latchkey_/, ''), more]] : [];
    }),
  );
}

let user: User;
let session: Client;
let program: Client;

beforeAll(async () => {
  user = await server().user();
  session = await server().withSession(user);
  await server().api(true);
  program = await server().actingAs(user, ['post:read']);
});

const request = (operation: string, outcome: string, status: number) =>
  `requests_total{operation="${operation}",outcome="${outcome}",status="${status}"}`;
const http = (route: string, status: number) => `http_requests_total{route="${route}",status="${status}"}`;
const error = (code: string) => `errors_total{code="${code}"}`;
const failure = (reason: string) => `authentication_failures_total{reason="${reason}"}`;

describe('what /metrics counts', () => {
  test('operations by kind, outcome and status', async () => {
    expect(await added(() => session.send('query Secret { viewer { kind } }'))).toEqual({
      [request('query', 'ok', 200)]: 1,
      [http('/graphql', 200)]: 1,
    });
    expect(
      await added(() => session.send('{ viewer { kind } post(id: "post_00000000000000000000000000") { id } }')),
    ).toMatchObject({ [request('query', 'partial', 200)]: 1, [error('NOT_FOUND')]: 1 });
    expect(
      await added(() => session.send('mutation { deletePost(id: "post_00000000000000000000000000")  }')),
    ).toMatchObject({
      [request('mutation', 'failed', 200)]: 1,
    });
    expect(await added(() => session.send('{ canary'))).toEqual({
      [request('none', 'refused', 400)]: 1,
      [http('/graphql', 400)]: 1,
      [error('GRAPHQL_PARSE_FAILED')]: 1,
    });
  });

  test('abilities that were missing, each once', async () => {
    expect(
      await added(() =>
        program.send(
          'mutation { deletePost(id: "post_00000000000000000000000000")  updatePost(id: "y", title: "z") { id } }',
        ),
      ),
    ).toEqual({
      [request('mutation', 'refused', 403)]: 1,
      [http('/graphql', 403)]: 1,
      [error('INSUFFICIENT_ABILITIES')]: 1,
      'denials_total{ability="post:delete"}': 1,
      'denials_total{ability="post:update"}': 1,
    });
  });

  test('why a credential did not do, though every answer is the same', async () => {
    const expired = await server().actingAs(user, ['read'], new Date(Date.now() + 86_400_000));
    await server().sql('update api_tokens set expires_at = created_at where id = $1', [
      parseToken('lk', expired.token)?.id,
    ]);
    const over = server().asGuest();
    const sent: [string, () => Promise<{ text: string }>][] = [
      ['malformed_token', () => server().withToken('canary-bearer').send('{ __typename }')],
      [
        'unknown_token',
        () =>
          server()
            .withToken(formatToken('lk', { id: v7(), secret: newSecret() }))
            .send('{ __typename }'),
      ],
      ['expired_token', () => expired.send('{ __typename }')],
      ['misplaced_token', () => over.send('{ __typename }', {}, { cookie: `a=${program.token}` })],
    ];
    const answers = new Set<string>();
    for (const [reason, send] of sent) {
      log.clear();
      expect(await added(async () => answers.add((await send()).text))).toEqual({
        [request('none', 'refused', 401)]: 1,
        [http('/graphql', 401)]: 1,
        [error('UNAUTHENTICATED')]: 1,
        [failure(reason)]: 1,
      });
      expect(log.entries.filter((entry) => entry.reason !== undefined)).toEqual([
        expect.objectContaining({ level: 30, reason, msg: 'refused', reqId: expect.any(String) }),
      ]);
    }
    expect(answers.size).toBe(1);
    expect(await added(() => over.send('{ __typename }', {}, { cookie: `latchkey=${'A'.repeat(43)}` }))).toMatchObject({
      [request('query', 'ok', 200)]: 1,
      [failure('session_over')]: 1,
    });
    expect(await added(() => session.send('{ __typename }', {}, { 'sec-fetch-site': 'cross-site' }))).toMatchObject({
      [failure('csrf_refused')]: 1,
    });
    await server().api(false);
    expect(await added(() => program.send('{ __typename }'))).toMatchObject({ [failure('api_disabled')]: 1 });
    await server().api(true);
  });

  test('passwords that were guessed, and the limit that ends it', async () => {
    const login = (email: string, typed: string) =>
      server().asGuest().send('mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }', {
        e: email,
        p: typed,
      });
    const disabled = await server().user();
    await server().sql('update users set disabled_at = now() where id = $1', [disabled.id]);
    const other = await server().user();
    expect(await added(() => login('nobody@example.com', 'canary'))).toMatchObject({ [failure('unknown_account')]: 1 });
    expect(await added(() => login(other.email, 'canary'))).toMatchObject({ [failure('wrong_password')]: 1 });
    expect(await added(() => login(disabled.email, password))).toMatchObject({ [failure('disabled_account')]: 1 });
    await login(other.email, 'canary');
    expect(await added(() => login(other.email, password))).toMatchObject({
      [failure('throttled')]: 1,
      [error('RATE_LIMITED')]: 1,
      'rate_limited_total{limit="login_account"}': 1,
      [request('mutation', 'failed', 429)]: 1,
    });
  });

  test('addresses by their pattern, and what was no request at all', async () => {
    expect(
      await added(async () => {
        await fetch(`${server().origin}/livez`);
        await fetch(`${server().origin}/canary/${Date.now()}`, { headers: { accept: 'application/json' } });
        await fetch(`${server().origin}/%ff`);
        await sendRaw(server().origin, 'canary canary canary\r\n\r\n');
        await sendRaw(server().origin, head('GET /livez', { 'x-canary': 'x'.repeat(20_000) }));
      }),
    ).toMatchObject({
      [http('/livez', 200)]: 1,
      refused_connections_total: 2,
    });
  });

  test('what this process and its parts are doing', async () => {
    const samples = await scrape();
    const names = new Set([...samples.keys()].map((name) => name.replace(/\{.*/, '')));
    for (const name of [
      'latchkey_request_duration_seconds_bucket',
      'latchkey_password_hashes_waiting',
      'latchkey_build_info',
      'latchkey_unhandled_rejections_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'process_resident_memory_bytes',
      'process_open_fds',
    ]) {
      expect(names).toContain(name);
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(samples.get(`latchkey_build_info{version="${version}"}`)).toBe(1);
    const pool = [...samples].filter(([name]) => name.startsWith('latchkey_database_connections_'));
    if (server().app.database.target.kind === 'postgresql') {
      expect(Object.fromEntries(pool)).toMatchObject({
        latchkey_database_connections_limit: 5,
        latchkey_database_connections_awaited: 0,
      });
      expect(samples.get('latchkey_database_connections_open')).toBeGreaterThan(0);
    } else {
      expect(pool).toEqual([]);
    }
  });

  test('no label that a client has chosen, and as many series after many strange requests as before', async () => {
    const send = async (index: number) => {
      const client = index % 2 === 0 ? session : server().withToken(`canary${index}`);
      await client.send(`query canary${index} { canary${index}: __typename }`);
      await fetch(`${server().origin}/canary${index}`, { method: `CANARY${index}` }).catch(() => {});
      await fetch(`${server().origin}/canary${index}?canary=${index}`);
    };
    await send(0);
    await send(1);
    const before = await scrape();
    for (let index = 2; index < 60; index += 1) {
      await send(index);
    }
    const after = await scrape();
    expect([...after.keys()].filter((name) => name.startsWith('latchkey_')).sort()).toEqual(
      [...before.keys()].filter((name) => name.startsWith('latchkey_')).sort(),
    );
    expect([...after.keys()].join()).not.toMatch(/canary/i);
  });
});

describe('E7 who gets /metrics', () => {
  const token = 'a-token-for-the-scraper';
  let beside: TestServer;

  beforeAll(async () => {
    beside = await TestServer.start({ CONSOLE: 'off', METRICS_TOKEN: token });
  });

  afterAll(() => beside?.stop());

  const status = async (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    (await fetch(url, { method, headers })).status;

  test('E7 nobody, unless it is switched on', async () => {
    const plain = await TestServer.start();
    try {
      expect(plain.app.metricsUrl()).toBeNull();
      for (const path of ['/metrics', '/metrics/', '/health', '/healthz', '/status', '/debug', '/livez/details']) {
        expect([path, await status(plain.origin + path, { authorization: `Bearer ${token}` })]).toEqual([path, 404]);
      }
    } finally {
      await plain.stop();
    }
  });

  test('E7 at a port of its own, where there is nothing else, and not beside the API', async () => {
    expect(await status(`${server().origin}/metrics`)).toBe(404);
    const url = server().app.metricsUrl() ?? '';
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await status(url)).toBe(200);
    expect(await status(url, {}, 'HEAD')).toBe(200);
    expect(await status(url, {}, 'POST')).toBe(404);
    for (const path of ['/', '/graphql', '/livez', '/metrics/x', '/METRICS']) {
      expect([path, await status(new URL(path, url).href)]).toEqual([path, 404]);
    }
  });

  test('E7 beside the API, whoever has the token and nobody else', async () => {
    const url = `${beside.origin}/metrics`;
    expect((await scrape(url, { authorization: `Bearer ${token}` })).size).toBeGreaterThan(20);
    for (const authorization of [
      '',
      'Bearer',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      token,
    ]) {
      const response = await fetch(url, { headers: authorization === '' ? {} : { authorization } });
      expect([authorization, response.status, response.headers.get('www-authenticate')]).toEqual([
        authorization,
        401,
        'Bearer',
      ]);
      expect(await response.text()).not.toContain('latchkey_');
    }
    const [first, second] = [`Bearer ${token}`, 'Bearer other'];
    const raw = await sendRaw(
      beside.origin,
      `GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: ${first}\r\nauthorization: ${second}\r\n\r\n`,
    );
    expect(raw.status).toBe(401);
    // Users are nobody here, administrators included.
    const root = await beside.withSession(await beside.administrator());
    expect(await status(url, { cookie: root.cookie })).toBe(401);
  });

  test('E7 with a port and a token, whoever has the token, at that port', async () => {
    const both = await TestServer.start({ METRICS_PORT: '0', METRICS_TOKEN: token });
    try {
      const url = both.app.metricsUrl() ?? '';
      expect(await status(url)).toBe(401);
      expect(await status(url, { authorization: `Bearer ${token}` })).toBe(200);
      expect(await status(`${both.origin}/metrics`, { authorization: `Bearer ${token}` })).toBe(404);
    } finally {
      await both.stop();
    }
  });

  test('E7 the inventory of routes', () => {
    expect(inventory(server())).toMatchSnapshot('with a port of its own');
    expect(inventory(beside)).toMatchSnapshot('with a token');
  });

  test('a port that is taken stops the start with a sentence', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const config = loadConfig({ NODE_ENV: 'test', PORT: '0', DATA_DIR: ':memory:', METRICS_PORT: String(port) });
    const app = await createApp(config);
    try {
      await expect(app.listen()).rejects.toThrow(
        new ConfigError(`The metrics cannot listen at METRICS_HOST 127.0.0.1, METRICS_PORT ${port} (EADDRINUSE).`),
      );
    } finally {
      await app.close();
      other.close();
    }
  });
});

/** Every route, but the files of a console, whose names change with their content. */
function inventory({ app }: TestServer): string {
  return app.http.printRoutes({ commonPrefix: false }).replace(/^.*assets\/.*\n/gm, '');
}
