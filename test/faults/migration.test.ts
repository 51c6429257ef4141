import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../bench/free-port.js';
import { Cluster } from '../cluster.js';
import { Latchkey } from '../program.js';
import { Deployment } from './deployment.js';
import { suffer } from './fault.js';

/** Seconds for which the slow migration does nothing, in the middle of its work. */
const pauseSeconds = 4;

let cluster: Cluster;
let latchkey: Latchkey;

beforeAll(async () => {
  cluster = await Cluster.start({ max_connections: 60 });
  latchkey = await Latchkey.build();
});

afterAll(async () => {
  await latchkey?.remove();
  cluster?.remove();
});

const env = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };

async function tables(url: string): Promise<string[]> {
  const rows = await cluster.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    [],
    url,
  );
  return rows.map(({ name }) => name).filter((name) => name !== 'mikro_orm_migrations');
}

async function migrations(url: string): Promise<string[]> {
  const rows = await cluster.query<{ name: string }>('select name from mikro_orm_migrations order by 1', [], url);
  return rows.map(({ name }) => name);
}

describe('R8 instances that migrate', () => {
  test('R8 four at once on an empty database: one does it, all serve, one makes the administrator', async () => {
    const url = await cluster.createDatabase();
    const servers = await Promise.all(Array.from({ length: 4 }, () => latchkey.serve({ ...env, DATABASE_URL: url })));
    for (const server of servers) {
      expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
      await server.signIn(env.ADMIN_EMAIL, env.ADMIN_PASSWORD);
    }
    const names = await migrations(url);
    expect(names.length).toBeGreaterThan(1);
    expect(new Set(names).size).toBe(names.length);
    expect(await cluster.query('select count(*)::int as n from users', [], url)).toEqual([{ n: 1 }]);
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
  });

  test('R8 kill -9 in the middle leaves nothing, does not answer before, and the next instance makes it whole', async () => {
    const url = await cluster.createDatabase();
    const slow = await Latchkey.build({
      path: 'src/database/migrations/Migration20261122110047_tokens_by_ability.ts',
      change: (source) =>
        source.replace(
          'override up(): void {',
          `override up(): void {\n    this.addSql('select pg_sleep(${pauseSeconds})');`,
        ),
    });
    try {
      const port = await freePort();
      const starting = slow.serve({ ...env, DATABASE_URL: url, PORT: String(port) });
      const refused = expect(starting).rejects.toThrow('The process has ended');
      while ((await sleeping()) === 0) {
        await sleep(20);
      }
      await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow();
      expect(await tables(url)).toEqual([]);
      await slow.killAll();
      await refused;
      expect(await tables(url)).toEqual([]);

      const [first, second] = await Promise.all([
        latchkey.serve({ ...env, DATABASE_URL: url }),
        latchkey.serve({ ...env, DATABASE_URL: url }),
      ]);
      await first?.signIn(env.ADMIN_EMAIL, env.ADMIN_PASSWORD);
      await second?.signIn(env.ADMIN_EMAIL, env.ADMIN_PASSWORD);
      const names = await migrations(url);
      expect(new Set(names).size).toBe(names.length);
      expect((await latchkey.run(['migrate'], { DATABASE_URL: url })).stdout).toBe('The tables are up to date.\n');
    } finally {
      await slow.remove();
      await latchkey.killAll();
    }
  });

  test('R8 an old instance serves on while a new one changes the tables under it', async () => {
    const databaseUrl = await cluster.createDatabase();
    const deployment = await Deployment.start(latchkey, databaseUrl);
    try {
      await suffer(
        'a migration under load: a new column, and another type of one',
        { cluster, deployment, databaseUrl },
        async () => {
          for (const statement of [
            'alter table posts add column subtitle text',
            'alter table posts alter column title type varchar(300)',
            'alter table users alter column name type varchar(300)',
            'alter table api_tokens alter column name type varchar(300)',
            'create index concurrently posts_subtitle on posts (subtitle)',
          ]) {
            await cluster.query(statement, [], databaseUrl);
            await sleep(200);
          }
          return undefined;
        },
        { refusals: 0 },
      );
    } finally {
      await deployment.stop();
    }
  });
});

async function sleeping(): Promise<number> {
  const rows = await cluster.query(
    "select 1 from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()",
  );
  return rows.length;
}
