import type { EntityManager } from '@mikro-orm/postgresql';
import { migrateAppDatabase, openAppDatabase } from '../app.js';
import { type Config, ConfigError, inMemory, loadConfig } from '../config.js';
import type { Database } from '../database/open.js';

/** What a command works with. */
export interface Opened {
  readonly config: Config;
  readonly database: Database;
  readonly em: EntityManager;
  /** Names of the migrations that had to run first. */
  readonly migrations: readonly string[];
}

/** Opens the database, up to date, for one piece of work, and closes it; a running server has brought its own up to date. */
export async function withDatabase<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = loadConfig();
  if (config.databaseUrl === undefined && config.dataDir === inMemory) {
    throw new ConfigError('DATA_DIR is :memory:, and such a database lives in its server alone.');
  }
  const database = await openAppDatabase(config, 'visitor');
  try {
    const migrations = database.target.kind === 'socket' ? [] : await migrateAppDatabase(config, database);
    return await work({ config, database, em: database.orm.em.fork() as EntityManager, migrations });
  } finally {
    await database.close();
  }
}
