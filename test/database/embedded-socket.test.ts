import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import pg from 'pg';
import { openAppDatabase } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { Database } from '../../src/database/open.js';
import { sql } from '../../src/database/sql.js';

let directory: string;
let database: Database;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  database = await openAppDatabase(loadConfig({ DATA_DIR: directory }), 'server');
  await run('create table notes (author text not null, n int not null)');
}, 60_000);

afterAll(async () => {
  await database?.close();
  rmSync(directory, { recursive: true, force: true });
});

const em = () => database.orm.em.fork() as EntityManager;
const run = async (statement: string, parameters: unknown[] = []) =>
  (await sql<Record<string, unknown>>(em(), statement, parameters)).rows;
const notes = async (author: string) =>
  (await run('select n from notes where author = $1 order by n', [author])).map((row) => row.n);

/** Runs something with a connection of another program. */
async function visit<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ host: directory, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('a visitor of the embedded database', () => {
  test('sees what the server wrote, and the server what it wrote', async () => {
    await run("insert into notes values ('both', 1)");
    await visit(async (client) => {
      expect((await client.query("select n from notes where author = 'both'")).rows).toEqual([{ n: 1 }]);
      await client.query("insert into notes values ('both', $1)", [2]);
    });
    expect(await notes('both')).toEqual([1, 2]);
  });

  test('that rolls back takes nothing of the server with it', async () => {
    await visit(async (client) => {
      await client.query('begin');
      await client.query("insert into notes values ('visitor', 1)");
      const written = run("insert into notes values ('server', 1)");
      await sleep(100);
      await client.query("insert into notes values ('visitor', 2)");
      await client.query('rollback');
      await written;
    });
    expect(await notes('visitor')).toEqual([]);
    expect(await notes('server')).toEqual([1]);
  });

  test('is not in a transaction of the server that rolls back', async () => {
    let visited: Promise<unknown> = Promise.resolve();
    const rolledBack = em().transactional(async (fork) => {
      await fork
        .getConnection()
        .execute("insert into notes values ('lost', 1)", [], 'run', fork.getTransactionContext());
      visited = visit((client) => client.query("insert into notes values ('kept', 1)"));
      await sleep(100);
      throw new Error('on purpose');
    });
    await expect(rolledBack).rejects.toThrow('on purpose');
    await visited;
    expect(await notes('lost')).toEqual([]);
    expect(await notes('kept')).toEqual([1]);
  });

  test('that goes away in a transaction leaves the database to others', async () => {
    const client = new pg.Client({ host: directory, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    await client.query('begin');
    await client.query("insert into notes values ('gone', 1)");
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await run("insert into notes values ('after', 1)");
    expect(await notes('gone')).toEqual([]);
    expect(await notes('after')).toEqual([1]);
  });

  test('that makes a mistake is told so and can go on', async () => {
    await visit(async (client) => {
      await expect(client.query('select nothing from nowhere')).rejects.toMatchObject({ code: '42P01' });
      await expect(client.query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    });
    expect(await run('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('of several at once, all with transactions of their own, each keeps what it committed', async () => {
    const wanted: Record<string, number[]> = {};
    const visits = Array.from({ length: 4 }, (_, v) =>
      visit(async (client) => {
        const author = `visitor-${v}`;
        wanted[author] = [];
        for (let n = 0; n < 6; n += 1) {
          await client.query('begin');
          await client.query('insert into notes values ($1, $2)', [author, n]);
          await client.query(n % 2 === 0 ? 'commit' : 'rollback');
          if (n % 2 === 0) {
            wanted[author].push(n);
          }
        }
      }),
    );
    const own = Array.from({ length: 20 }, (_, n) => run('insert into notes values ($1, $2)', ['own', n]));
    await Promise.all([...visits, ...own]);
    for (const [author, numbers] of Object.entries(wanted)) {
      expect([author, await notes(author)]).toEqual([author, numbers]);
    }
    expect(await notes('own')).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});
