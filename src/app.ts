import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import { databaseOptions } from '../mikro-orm.config.js';
import type { Catalogue } from './auth/abilities.js';
import { bearerStrategy } from './auth/bearer.js';
import { Budgets } from './auth/budget.js';
import { Counters } from './auth/counters.js';
import { Passwords } from './auth/passwords.js';
import { RefusalRecorder } from './auth/refusals.js';
import { SessionStore } from './auth/session-store.js';
import { Throttle } from './auth/throttle.js';
import { UsageRecorder } from './auth/usage.js';
import type { Config } from './config.js';
import { migrate } from './database/migrate.js';
import { type Database, openDatabase, type Role } from './database/open.js';
import { poolFigures } from './database/pool.js';
import { RowReaders } from './database/rows.js';
import { prepareStatements } from './database/sql.js';
import type { Services } from './graphql/context.js';
import { Nodes } from './graphql/node.js';
import { createGraphQLServer } from './graphql/server.js';
import type { LogDestination } from './http/log.js';
import { listenForScrapers, metricsEndpoint } from './http/metrics.js';
import { createHttpServer } from './http/server.js';
import { startPruning } from './jobs.js';
import { modules } from './registry.js';
import { guardedSchema } from './schema.js';
import { noMetrics } from './telemetry/metrics.js';
import type { PrometheusMetrics } from './telemetry/prometheus.js';
import type { TraceSettings } from './telemetry/trace-settings.js';
import type { Traces } from './telemetry/traces.js';
import { packageVersion } from './telemetry/version.js';

/** A server that is built, migrated and not yet listening. */
export interface App {
  readonly http: FastifyInstance;
  readonly services: Services;
  readonly database: Database;
  /** Resolves to the URL of the GraphQL endpoint. */
  listen(): Promise<string>;
  /** The URL of the metrics, once it listens; null unless they have a port of their own. */
  metricsUrl(): string | null;
  /**
   * Serves on for DRAIN_SECONDS, not ready any more; then takes no more requests, lets those in flight finish, writes what
   * is pending and closes the database.
   */
  close(): Promise<void>;
}

/** A crowd that arrives at once is answered, if only to be turned away; the kernel may allow fewer. */
const connectionsWaiting = 4_096;

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
  const closeReserve = await prepareStatements(database);
  const built = guardedSchema(modules);
  const { tree, planner, catalogue } = built;
  let http: FastifyInstance | undefined;
  const report = (message: string) => (error: unknown) => http?.log.warn({ err: error }, message);
  const usage = new UsageRecorder(
    em,
    report('the last use of credentials could not be written'),
    config.session.idleMs,
  );
  const refusals = new RefusalRecorder(em, report('refused attempts could not be written down'));
  const sessions = new SessionStore(em, catalogue, usage, config.session);
  const passwords = new Passwords(report('a stored password hash cannot be read'));
  const metrics = config.metrics === null ? null : await openMetrics(database, passwords, catalogue);
  const counters = new Counters(em, config.redisUrl, report('Redis is away'));
  const throttle = new Throttle(counters, {
    perAccount: config.loginAttemptsPerMinute,
    perAddress: config.loginAttemptsPerAddress,
    registrationsPerAddress: config.registrationsPerAddress,
  });
  const services: Services = {
    config,
    em,
    rows: new RowReaders(em),
    catalogue,
    strategies: [bearerStrategy(em, catalogue, usage, config.tokenPrefix), sessions.strategy],
    sessions,
    passwords,
    counters,
    throttle,
    budgets: new Budgets(counters, config.costPerMinute),
    usage,
    refusals,
    nodes: new Nodes(modules.flatMap((module) => module.nodes ?? [])),
    metrics: metrics ?? noMetrics,
    traces:
      config.traces === null ? null : await openTraces(config, config.traces, report('traces could not be exported')),
    access: { tree, planner },
  };
  const apollo = createGraphQLServer(built, config.limits, config.mode === 'development', config.traces !== null);
  await apollo.start();
  let draining = false;
  const server = await createHttpServer(apollo, services, () => draining, logTo);
  http = server;
  let scraped: Awaited<ReturnType<typeof listenForScrapers>> | null = null;
  if (metrics !== null && config.metrics?.port === null && config.metrics.token !== null) {
    metricsEndpoint(server, metrics, config.metrics.token);
  }
  const pruning = startPruning(services, modules, server.log);
  return {
    http: server,
    services,
    database,
    metricsUrl: () => scraped?.url ?? null,
    listen: async () => {
      const { metrics: own } = config;
      if (metrics !== null && own !== null && own.port !== null) {
        scraped = await listenForScrapers(metrics, { ...own, port: own.port });
      }
      await server.listen({ host: config.host, port: config.port, backlog: connectionsWaiting });
      const { port } = server.server.address() as AddressInfo;
      return `${config.publicOrigin ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`}/graphql`;
    },
    close: async () => {
      draining = true;
      pruning.stop();
      await sleep(config.drainMs);
      await server.close();
      await apollo.stop();
      await usage.flush();
      await refusals.close();
      await scraped?.close();
      counters.close();
      await services.traces?.close();
      await closeReserve();
      await database.close();
    },
  };
}

/** Metrics that are read at a port of their own or with a token; loaded only then. */
async function openMetrics(database: Database, passwords: Passwords, catalogue: Catalogue): Promise<PrometheusMetrics> {
  const { PrometheusMetrics } = await import('./telemetry/prometheus.js');
  return new PrometheusMetrics(
    { version: packageVersion(), passwordQueue: () => passwords.queue, pool: await poolFigures(database) },
    catalogue.entries.map(({ name }) => name),
  );
}

/** Traces for a collector; what makes them is loaded only then. */
async function openTraces(
  { databaseUrl }: Config,
  settings: TraceSettings,
  onFailure: (error: unknown) => void,
): Promise<Traces> {
  const { OpenTelemetryTraces } = await import('./telemetry/open-telemetry.js');
  const { hostname, port, pathname } = databaseUrl === undefined ? {} : new URL(databaseUrl);
  const place = { host: hostname || null, port: port ? Number(port) : null, name: pathname?.slice(1) || null };
  return new OpenTelemetryTraces(settings, packageVersion(), place, onFailure);
}
