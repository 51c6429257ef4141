import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { openAppDatabase } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { sql } from '../../src/database/sql.js';
import { newDatabase, TestServer } from '../helper.js';
import { dial, head, parse, untilClosed } from './raw.js';

const query = JSON.stringify({ query: '{ viewer { kind } }' });

describe('R6 a server that closes', () => {
  test('finishes what is under way, takes nothing new, and does not wait for idle connections', async () => {
    const server = await TestServer.start();
    let closing: Promise<void> | undefined;
    try {
      const silent = await dial(server.origin);
      const silentClosed = untilClosed(silent);
      const idle = await dial(server.origin);
      const idleClosed = untilClosed(idle);
      idle.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await once(idle, 'data');

      // A request whose body has not arrived yet is under way.
      const busy = await dial(server.origin);
      const answered = untilClosed(busy);
      busy.write(
        head('POST /graphql', {
          connection: 'keep-alive',
          'content-type': 'application/json',
          'content-length': query.length,
        }),
      );
      busy.write(query.slice(0, 5));
      await sleep(100);

      const begun = Date.now();
      closing = server.stop();
      const [idleText] = await Promise.all([idleClosed, silentClosed]);
      expect(idleText).toContain('200 OK');
      await expect(dial(server.origin)).rejects.toThrow(/ECONNREFUSED/);

      busy.write(query.slice(5));
      const answer = parse(await answered);
      expect(answer.status).toBe(200);
      expect(answer.headers.connection).toBe('close');
      expect(JSON.parse(answer.body)).toEqual({ data: { viewer: { kind: 'GUEST' } } });
      await closing;
      expect(Date.now() - begun).toBeLessThan(5_000);
    } finally {
      await (closing ?? server.stop());
    }
  });

  test('keeps every record whose mutation was answered, and the last use of a token', async () => {
    const { url, drop } = await newDatabase();
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
    const database: Record<string, string> = url === undefined ? { DATA_DIR: directory } : { DATABASE_URL: url };
    const config = loadConfig({ NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'silent', ...database });
    try {
      const server = await TestServer.start(database);
      await server.api(true);
      const program = await server.actingAs(await server.user(), ['create', 'read']);
      const writes = Array.from({ length: 10 }, (_, i) =>
        program.send(`mutation { createPost(title: "Post ${i}", body: "b") { id } }`),
      );
      await Promise.race(writes);
      const [settled] = await Promise.all([Promise.allSettled(writes), server.stop()]);
      const done = settled.filter((one) => one.status === 'fulfilled' && one.value.status === 200);

      const again = await openAppDatabase(config, 'visitor');
      try {
        const em = again.orm.em.fork() as EntityManager;
        const count = async (statement: string) => (await sql<{ n: number }>(em, statement)).rows[0]?.n;
        expect(done.length).toBeGreaterThan(0);
        expect(await count('select count(*)::int as n from posts')).toBe(done.length);
        expect(await count('select count(*)::int as n from api_tokens where last_used_at is not null')).toBe(1);
      } finally {
        await again.close();
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
      await drop();
    }
  }, 60_000);

  test('H11: answers in its own form and with all headers what still arrives over an open connection', async () => {
    const server = await TestServer.start();
    const busy = await dial(server.origin);
    const answered = untilClosed(busy);
    busy.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n');
    await sleep(100);
    const closing = server.stop();
    while (server.app.http.server.listening) {
      await sleep(10);
    }
    busy.write(`content-length: ${query.length}\r\n\r\n${query}`);
    const answer = parse(await answered);
    await closing;
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { viewer: { kind: 'GUEST' } }]);
    expect(answer.headers).toMatchObject({
      connection: 'close',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  test('is not ready any more while it drains', async () => {
    const server = await TestServer.start();
    const busy = await dial(server.origin);
    const answered = untilClosed(busy);
    busy.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n');
    await sleep(100);
    const closing = server.stop();
    while (server.app.http.server.listening) {
      await sleep(10);
    }
    busy.write('\r\n');
    const answer = parse(await answered);
    await closing;
    expect([answer.status, JSON.parse(answer.body)]).toEqual([503, { status: 'unavailable' }]);
    expect(answer.headers).toMatchObject({ connection: 'close', 'x-content-type-options': 'nosniff' });
  });

  test('goes on for DRAIN_SECONDS first, not ready, and then ends each connection with its next answer', async () => {
    const server = await TestServer.start({ DRAIN_SECONDS: '1' });
    const before = await dial(server.origin);
    const lastOfOld = untilClosed(before);
    const ask = () => before.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    ask();
    await once(before, 'data');
    const closing = server.stop();
    // At once, for together they have no more than that second.
    const [ready, answer] = await Promise.all([
      fetch(`${server.origin}/readyz`),
      server.asGuest().send('{ viewer { kind } }'),
    ]);
    expect(ready.status).toBe(503);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'keep-alive']);
    while (server.app.http.server.listening) {
      await sleep(10);
    }
    await expect(dial(server.origin)).rejects.toThrow(/ECONNREFUSED/);
    ask();
    const [first = '', second = ''] = (await lastOfOld).split(/(?=HTTP\/1\.1)/);
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n.*connection: keep-alive/is);
    expect(second).toMatch(/^HTTP\/1\.1 200 OK\r\n.*connection: close/is);
    await closing;
  });
});
