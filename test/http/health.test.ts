import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, newDatabase, readAnswer, TestServer, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { TcpProxy } from './proxy.js';

async function probe(origin: string, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${origin}${path}`);
  return [response.status, await response.json()];
}

/** Waits for something to become true; the limit is far above what it takes. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await holds()); await sleep(100)) {
    if (Date.now() > deadline) {
      throw new Error('It never came true.');
    }
  }
}

describe('a server whose database answers', () => {
  const server = testServer();

  test('lives and is ready', async () => {
    expect(await probe(server().origin, '/livez')).toEqual([200, { status: 'ok' }]);
    expect(await probe(server().origin, '/readyz')).toEqual([200, { status: 'ok' }]);
  });

  test('tells nothing else about itself', async () => {
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(`${server().origin}${path}?verbose=1`);
      expect(await response.text()).toBe('{"status":"ok"}');
    }
  });

  test('answers probes of other methods like any address that is not there', async () => {
    const response = await fetch(`${server().origin}/livez`, { method: 'POST' });
    expect(response.status).toBe(404);
  });
});

const base = process.env.DATABASE_URL ?? '';
// The embedded engine lives in the process of the server: there is no connection that a test could cut.
const describeOnPostgres = base === '' ? describe.skip : describe;

describeOnPostgres('R1, R2 a server whose PostgreSQL goes away (only with DATABASE_URL)', () => {
  const log = new LogLines();
  let proxy: TcpProxy;
  let server: TestServer;
  let drop: () => Promise<void>;
  let session: Client;
  let program: Client;

  beforeAll(async () => {
    const database = await newDatabase();
    drop = database.drop;
    const url = new URL(database.url ?? '');
    proxy = new TcpProxy(url.hostname, Number(url.port || 5432));
    await proxy.open();
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    server = await TestServer.start({ DATABASE_URL: url.href, LOG_LEVEL: 'error' }, log);
    const user = await server.user();
    session = await server.withSession(user);
    await server.api(true);
    program = await server.actingAs(user, ['read']);
    expect((await session.send('{ posts { nodes { id } } }')).errors).toBeUndefined();
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await proxy?.cut();
    await drop?.();
  });

  test('lives, is not ready, says 503 without an address, and recovers by itself', async () => {
    await proxy.cut();
    await eventually(async () => (await probe(server.origin, '/readyz'))[0] === 503);
    expect(await probe(server.origin, '/readyz')).toEqual([503, { status: 'unavailable' }]);
    expect(await probe(server.origin, '/livez')).toEqual([200, { status: 'ok' }]);

    for (const accept of ['application/graphql-response+json', 'application/json']) {
      for (const client of [session, program]) {
        const answer = await client.send('{ posts { nodes { id } } }', {}, { accept });
        expect(answer.status).toBe(503);
        expect(answer.codes).toEqual(['SERVICE_UNAVAILABLE']);
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
        expect(answer.text).not.toMatch(/127\.0\.0\.1|localhost|5432|ECONN/);
        expect(answer.text).not.toContain(String(proxy.port));
      }
    }
    const guest = await server.asGuest().send('{ __typename }');
    expect(guest.data).toEqual({ __typename: 'Query' });
    const login = await server
      .asGuest()
      .send('mutation { login(email: "nobody@example.com", password: "wrong") { kind } }');
    expect(login.status).toBe(503);
    expect(log.text).not.toMatch(/select |"users"/i);

    await proxy.open();
    await eventually(async () => (await probe(server.origin, '/readyz'))[0] === 200);
    const answer = await session.send('mutation { createPost(title: "After", body: "b") { title } }');
    expect(answer.data).toEqual({ createPost: { title: 'After' } });
    expect((await program.send('{ posts { nodes { title } } }')).errors).toBeUndefined();
  });

  test('connections that break in the middle of many requests give 503 or 200, and nothing else', async () => {
    const ask = async () =>
      readAnswer(
        await fetch(server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${program.token}` },
          body: JSON.stringify({ query: '{ posts { nodes { id } } }' }),
        }),
      );
    const asked = Array.from({ length: 40 }, ask);
    await sleep(20);
    await proxy.cut();
    await proxy.open();
    const answers = await Promise.all(asked);
    for (const answer of answers) {
      expect([200, 503]).toContain(answer.status);
      expect(answer.status === 503 ? answer.codes : []).toEqual(answer.status === 503 ? ['SERVICE_UNAVAILABLE'] : []);
    }
    await eventually(async () => (await ask()).status === 200);
  });
});
