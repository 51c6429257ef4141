import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { migrateAppDatabase, openAppDatabase } from '../app.js';
import { type Config, ConfigError, inMemory, loadConfig } from '../config.js';
import { loadMigrations } from '../database/migrate.js';
import { sql } from '../database/sql.js';

/** What a command works with. */
export interface Opened {
  readonly config: Config;
  readonly em: EntityManager;
  /** Names of the migrations that had to run first. */
  readonly migrations: readonly string[];
}

const startUpMs = 20_000;

/** Opens the database, up to date, for one piece of work, and closes it. */
export async function withDatabase<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = loadConfig();
  if (config.databaseUrl === undefined && config.dataDir === inMemory) {
    throw new ConfigError('DATA_DIR is :memory:, and such a database lives in its server alone.');
  }
  const database = await openAppDatabase(config, 'visitor');
  try {
    const em = database.orm.em.fork() as EntityManager;
    if (database.target.kind === 'socket') {
      await untilMigrated(em);
      return await work({ config, em, migrations: [] });
    }
    return await work({ config, em, migrations: await migrateAppDatabase(config, database) });
  } finally {
    await database.close();
  }
}

/** A running server migrates its database itself, and may be at it. */
async function untilMigrated(em: EntityManager): Promise<void> {
  const names = (await loadMigrations()).map((migration) => migration.name);
  for (const since = Date.now(); ; await sleep(200)) {
    const done = await migrated(em);
    if (names.every((name) => done.has(name))) {
      return;
    }
    if (Date.now() - since > startUpMs) {
      throw new Error('The running server is older than this command: start it again.');
    }
  }
}

async function migrated(em: EntityManager): Promise<ReadonlySet<string>> {
  const { rows: tables } = await sql(em, `select 1 from pg_tables where tablename = 'mikro_orm_migrations'`);
  if (tables.length === 0) {
    return new Set();
  }
  const { rows } = await sql<{ name: string }>(em, 'select name from mikro_orm_migrations');
  return new Set(rows.map((row) => row.name));
}
