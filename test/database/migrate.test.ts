import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { createApp, openAppDatabase } from '../../src/app.js';
import { type Config, loadConfig } from '../../src/config.js';
import { loadMigrations, migrate } from '../../src/database/migrate.js';
import type { Database } from '../../src/database/open.js';
import { sql } from '../../src/database/sql.js';
import { newDatabase } from '../helper.js';

let config: Config;
let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const created = await newDatabase();
  drop = created.drop;
  config = loadConfig({
    LOG_LEVEL: 'silent',
    ...(created.url === undefined ? { DATA_DIR: ':memory:' } : { DATABASE_URL: created.url }),
  });
  database = await openAppDatabase(config, 'server');
}, 60_000);

afterAll(async () => {
  await database?.close();
  await drop?.();
});

async function tables(): Promise<string[]> {
  const em = database.orm.em.fork() as EntityManager;
  const { rows } = await sql<{ name: string }>(
    em,
    "select table_name as name from information_schema.tables where table_schema = 'public' order by table_name",
  );
  return rows.map((row) => row.name);
}

describe('R8 migrations', () => {
  test('are all found, oldest first, each under its own name', async () => {
    const names = (await loadMigrations()).map((migration) => migration.name);
    expect(names.length).toBeGreaterThan(0);
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  test('make an empty database whole, once', async () => {
    const names = (await loadMigrations()).map((migration) => migration.name);
    expect(await tables()).toEqual([]);
    expect(await migrate(database)).toEqual(names);
    expect(await tables()).toEqual(
      expect.arrayContaining(['api_settings', 'api_tokens', 'posts', 'rate_limits', 'sessions', 'users']),
    );
    expect(await migrate(database)).toEqual([]);
  });

  test('leave the schema that the entities describe', async () => {
    expect(await database.orm.schema.getUpdateSchemaSQL()).toBe('');
  });

  test('can be taken back and made again', async () => {
    const before = await tables();
    const names = (await loadMigrations()).map((migration) => migration.name);
    await database.orm.migrator.down({ to: 0 });
    expect((await tables()).filter((name) => name !== 'mikro_orm_migrations')).toEqual([]);
    expect(await migrate(database)).toEqual(names);
    expect(await tables()).toEqual(before);
    expect(await database.orm.schema.getUpdateSchemaSQL()).toBe('');
  });
});

const describeOnPostgres = process.env.DATABASE_URL ? describe : describe.skip;

describeOnPostgres('R8 instances that start together (only with DATABASE_URL: an embedded database has one)', () => {
  test('migrate once, and the others wait', async () => {
    await database.orm.migrator.down({ to: 0 });
    const names = (await loadMigrations()).map((migration) => migration.name);
    const others = await Promise.all([openAppDatabase(config, 'visitor'), openAppDatabase(config, 'visitor')]);
    try {
      const ran = await Promise.all([database, ...others].map((one) => migrate(one)));
      expect(ran.flat().sort()).toEqual(names);
      expect(ran.filter((one) => one.length > 0)).toHaveLength(1);
    } finally {
      await Promise.all(others.map((one) => one.close()));
    }
  });

  test('all serve afterwards', async () => {
    const apps = await Promise.all([1, 2, 3].map(() => createApp({ ...config, port: 0 })));
    try {
      for (const app of apps) {
        const url = new URL(await app.listen());
        expect((await fetch(`${url.origin}/readyz`)).status).toBe(200);
      }
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
  });
});
