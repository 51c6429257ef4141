import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import { databaseOptions } from '../mikro-orm.config.js';
import { bearerStrategy } from './auth/bearer.js';
import { Passwords } from './auth/passwords.js';
import { SessionStore } from './auth/session-store.js';
import { Throttle } from './auth/throttle.js';
import { UsageRecorder } from './auth/usage.js';
import type { Config } from './config.js';
import { migrate } from './database/migrate.js';
import { type Database, openDatabase, type Role } from './database/open.js';
import { RowReaders } from './database/rows.js';
import { prepareStatements } from './database/sql.js';
import type { Services } from './graphql/context.js';
import { Nodes } from './graphql/node.js';
import { createGraphQLServer } from './graphql/server.js';
import type { LogDestination } from './http/log.js';
import { createHttpServer } from './http/server.js';
import { startPruning } from './jobs.js';
import { modules } from './registry.js';
import { guardedSchema } from './schema.js';

/** A server that is built, migrated and not yet listening. */
export interface App {
  readonly http: FastifyInstance;
  readonly services: Services;
  readonly database: Database;
  /** Resolves to the URL of the GraphQL endpoint. */
  listen(): Promise<string>;
  /** Stops taking requests, lets those in flight finish, writes what is pending and closes the database. */
  close(): Promise<void>;
}

/** Opens the database of a configuration with the entities of all modules. */
export function openAppDatabase(config: Config, role: Role): Promise<Database> {
  return openDatabase(config, role, (target) => databaseOptions(config, target));
}

/** Migrates a database; PostgreSQL over connections of its own, because a migration may outlast a request's limits. */
export async function migrateAppDatabase(config: Config, database: Database): Promise<string[]> {
  if (database.target.kind !== 'postgresql') {
    return migrate(database);
  }
  const patient = await openDatabase(config, 'visitor', () =>
    databaseOptions(config, { kind: 'postgresql', patient: true }),
  );
  try {
    return await migrate(patient);
  } finally {
    await patient.close();
  }
}

/** Composes the whole server; the process, the command line and the tests all start here. */
export async function createApp(config: Config, opened?: Database, logTo?: LogDestination): Promise<App> {
  const database = opened ?? (await openAppDatabase(config, 'server'));
  try {
    await migrateAppDatabase(config, database);
    return await compose(config, database, logTo);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function compose(config: Config, database: Database, logTo?: LogDestination): Promise<App> {
  const em = database.orm.em as EntityManager;
  await prepareStatements(database);
  const { schema, tree, planner, catalogue } = guardedSchema(modules);
  let http: FastifyInstance | undefined;
  const report = (message: string) => (error: unknown) => http?.log.warn({ err: error }, message);
  const usage = new UsageRecorder(em, report('the last use of credentials could not be written'));
  const sessions = new SessionStore(em, catalogue, usage, config.session);
  const throttle = new Throttle(
    em,
    {
      perAccount: config.loginAttemptsPerMinute,
      perAddress: config.loginAttemptsPerAddress,
      registrationsPerAddress: config.registrationsPerAddress,
    },
    config.redisUrl,
    report('Redis is away'),
  );
  const services: Services = {
    config,
    em,
    rows: new RowReaders(em),
    catalogue,
    strategies: [bearerStrategy(em, catalogue, usage, config.tokenPrefix), sessions.strategy],
    sessions,
    passwords: new Passwords(),
    throttle,
    usage,
    nodes: new Nodes(modules.flatMap((module) => module.nodes ?? [])),
    access: { tree, planner },
  };
  const apollo = createGraphQLServer(schema, planner, config.mode === 'development');
  await apollo.start();
  let draining = false;
  const server = await createHttpServer(apollo, services, () => draining, logTo);
  http = server;
  const pruning = startPruning(services, modules, server.log);
  return {
    http: server,
    services,
    database,
    listen: async () => {
      await server.listen({ host: config.host, port: config.port });
      const { port } = server.server.address() as AddressInfo;
      return `${config.publicOrigin ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`}/graphql`;
    },
    close: async () => {
      draining = true;
      pruning.stop();
      await server.close();
      await apollo.stop();
      await usage.flush();
      throttle.close();
      await database.close();
    },
  };
}
