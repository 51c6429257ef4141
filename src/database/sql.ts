import { createHash } from 'node:crypto';
import { isNativeError } from 'node:util/types';
import type { AbstractSqlConnection, EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Pool } from 'pg';
import { followStatement } from '../telemetry/request-scope.js';
import { poolOf, reserveBeside } from './connections.js';
import type { Database } from './open.js';

/** What a statement gave back. */
export interface Result<Row> {
  rows: Row[];
  affected: number;
}

interface Pools {
  readonly shared: Pool;
  readonly reserved: Pool;
}

/** The pools whose connections may keep prepared statements; the backend that all clients of a socket share may not. */
const preparing = new WeakMap<object, Pools>();
const names = new Map<string, string>();

/** So few, because only the look-ups of credentials, which come one after the other, and `/readyz` ask over them. */
const reserve = { max: 2, min: 0, connectionTimeoutMillis: 1_000, statement_timeout: 2_000, query_timeout: 2_500 };

/**
 * Lets the statements of {@link sql} stay prepared on the connections of a PostgreSQL server, and opens the reserve of
 * {@link sqlReserved}; resolves to what closes that.
 */
export async function prepareStatements({
  orm,
  target,
}: Pick<Database, 'orm' | 'target'>): Promise<() => Promise<void>> {
  if (target.kind !== 'postgresql') {
    return async () => {};
  }
  const shared = await poolOf(orm);
  const reserved = reserveBeside(shared, reserve);
  const connection = orm.em.getConnection();
  preparing.set(connection, { shared, reserved });
  return async () => {
    preparing.delete(connection);
    await reserved.end();
  };
}

/** The pools that statements of this module go to directly; none where nothing stays prepared. */
export function poolsOf(em: EntityManager): readonly Pool[] {
  const pools = preparing.get(em.getConnection());
  return pools === undefined ? [] : [pools.shared, pools.reserved];
}

/**
 * Runs one statement with bound parameters (`$1`), outside the unit of work and of any transaction of `em`. The text
 * must be a constant of the source: it stays prepared for as long as the connection lives.
 */
export async function sql<Row extends object>(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<Result<Row>> {
  const pools = preparing.get(em.getConnection());
  return pools === undefined ? sqlOnce(em, statement, parameters) : sqlOver(pools.shared, statement, parameters);
}

/**
 * The same over connections that nothing else uses, so that slow statements keep no request from being recognized; for what
 * takes a millisecond, and is given up after two seconds.
 */
export async function sqlReserved<Row extends object>(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<Result<Row>> {
  const pools = preparing.get(em.getConnection());
  return pools === undefined ? sqlOnce(em, statement, parameters) : sqlOver(pools.reserved, statement, parameters);
}

async function sqlOver<Row extends object>(
  pool: Pool,
  statement: string,
  parameters: readonly unknown[],
): Promise<Result<Row>> {
  const running = replanned(statement, (name) =>
    pool.query<Row & Record<string, unknown>>({ name, text: statement, values: [...parameters] }),
  );
  const { rows, rowCount } = await followStatement(statement, running);
  return { rows, affected: rowCount ?? 0 };
}

/** The same as {@link sql}, each row as the list of its values in the order of the statement, which is cheaper to read. */
export async function sqlValues(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[],
): Promise<unknown[][]> {
  const pools = preparing.get(em.getConnection());
  if (pools === undefined) {
    const { rows } = await sqlOnce<Record<string, unknown>>(em, statement, parameters);
    return rows.map((row) => Object.values(row));
  }
  const running = replanned(statement, (name) =>
    pools.shared.query<unknown[]>({ name, text: statement, values: [...parameters], rowMode: 'array' }),
  );
  const { rows } = await followStatement(statement, running);
  return rows;
}

/** The same for a statement that was put together for this call. */
export async function sqlOnce<Row extends object>(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<Result<Row>> {
  const connection = em.getConnection() as AbstractSqlConnection;
  const running = connection.getClient().executeQuery<Row>(CompiledQuery.raw(statement, [...parameters]));
  const result = await followStatement(statement, running);
  return { rows: result.rows, affected: Number(result.numAffectedRows ?? 0) };
}

/** The same within the transaction of `unit`, for what must be done there or not at all. */
export async function sqlWithin<Row extends object>(
  unit: EntityManager,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<Result<Row>> {
  const transaction = unit.getTransactionContext<Kysely<unknown>>();
  if (transaction === undefined) {
    throw new Error('There is no transaction to work in.');
  }
  const running = transaction.executeQuery<Row>(CompiledQuery.raw(statement, [...parameters]));
  const result = await followStatement(statement, running);
  return { rows: result.rows, affected: Number(result.numAffectedRows ?? 0) };
}

/**
 * Runs a prepared statement, and once more under a new name when a migration has changed the type of a column since: such
 * a statement is refused before it does anything, on every connection that keeps it.
 */
async function replanned<Answer>(statement: string, run: (name: string) => Promise<Answer>): Promise<Answer> {
  const name = nameOf(statement);
  try {
    return await run(name);
  } catch (error) {
    if (!isStalePlan(error)) {
      throw error;
    }
    if (names.get(statement) === name) {
      names.set(statement, digest(`${name} ${statement}`));
    }
    return run(nameOf(statement));
  }
}

function isStalePlan(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === '0A000' && error.message.includes('cached plan');
}

function nameOf(statement: string): string {
  let name = names.get(statement);
  if (name === undefined) {
    name = digest(statement);
    names.set(statement, name);
  }
  return name;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
