import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig as definePgliteConfig } from '@mikro-orm/pglite';
import { defineConfig } from '@mikro-orm/postgresql';
import { AuditEvent } from './src/auth/audit-event.entity.js';
import { RateLimit } from './src/auth/rate-limit.entity.js';
import { type Config, inMemory, loadConfig } from './src/config.js';
import { clusterDirectory, socketAnswers, socketDirectory } from './src/database/embedded.js';
import { loadMigrations } from './src/database/migrate.js';
import type { DatabaseTarget } from './src/database/open.js';
import { statementLog } from './src/database/statement-log.js';
import { modules } from './src/registry.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = here.endsWith('dist') ? dirname(here) : here;

const shared = {
  entities: [RateLimit, AuditEvent, ...modules.flatMap((module) => module.entities ?? [])],
  extensions: [Migrator],
  allowGlobalContext: false,
  debug: false,
  // Warnings of the driver carry host names and values; failures reach the log through the error that they become.
  loggerFactory: () => statementLog,
  migrations: {
    path: join(here, 'src/database/migrations'),
    pathTs: join(root, 'src/database/migrations'),
    emit: 'ts' as const,
    transactional: true,
    allOrNothing: true,
    snapshot: false,
    migrationsList: await loadMigrations(),
  },
};

/** The one configuration of MikroORM, for the server, the command line and the tests. */
export function databaseOptions(config: Config, target: DatabaseTarget): Options {
  if (target.kind === 'embedded') {
    return definePgliteConfig({
      ...shared,
      dbName: clusterDirectory(config.dataDir),
      driverOptions: target.loadDataDir === undefined ? {} : { loadDataDir: target.loadDataDir },
    }) as unknown as Options;
  }
  if (target.kind === 'socket') {
    return defineConfig({
      ...shared,
      dbName: 'postgres',
      user: 'postgres',
      driverOptions: { host: target.directory, max: 1, connectionTimeoutMillis: 5_000 },
    }) as Options;
  }
  return defineConfig({
    ...shared,
    clientUrl: config.databaseUrl,
    pool: { min: 0, max: config.databasePoolSize, idleTimeoutMillis: 10_000 },
    driverOptions: {
      application_name: 'latchkey',
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      ...(target.patient === true ? {} : timeLimits),
    },
  }) as Options;
}

/** Milliseconds after which PostgreSQL, or the driver, gives a statement up, so that a request never hangs. */
const timeLimits = {
  statement_timeout: 5_000,
  query_timeout: 6_000,
  idle_in_transaction_session_timeout: 10_000,
};

/** For the command line of MikroORM, such as `npx mikro-orm migration:create`. */
export default async function options(): Promise<Options> {
  const config = loadConfig();
  if (config.databaseUrl !== undefined) {
    return databaseOptions(config, { kind: 'postgresql', patient: true });
  }
  const running = config.dataDir !== inMemory && (await socketAnswers(config.dataDir));
  const directory = socketDirectory(config.dataDir);
  return databaseOptions(config, running ? { kind: 'socket', directory } : { kind: 'embedded' });
}
