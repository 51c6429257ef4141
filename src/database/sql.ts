import { createHash } from 'node:crypto';
import type { AbstractSqlConnection, EntityManager, PostgreSqlConnection } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { followStatement } from '../telemetry/request-scope.js';
import type { Database } from './open.js';

/** What a statement gave back. */
export interface Result<Row> {
  rows: Row[];
  affected: number;
}

type Pool = Awaited<ReturnType<PostgreSqlConnection['getNativeClient']>>;

/** The pools whose connections may keep prepared statements; the backend that all clients of a socket share may not. */
const preparing = new WeakMap<object, Pool>();
const names = new Map<string, string>();

/** Lets the statements of {@link sql} stay prepared on the connections of a PostgreSQL server. */
export async function prepareStatements({ orm, target }: Pick<Database, 'orm' | 'target'>): Promise<void> {
  if (target.kind === 'postgresql') {
    const connection = orm.em.getConnection() as unknown as PostgreSqlConnection;
    preparing.set(connection, await connection.getNativeClient());
  }
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
  const pool = preparing.get(em.getConnection());
  if (pool === undefined) {
    return sqlOnce(em, statement, parameters);
  }
  const running = pool.query<Row & Record<string, unknown>>(prepared(statement, parameters));
  const { rows, rowCount } = await followStatement(statement, running);
  return { rows, affected: rowCount ?? 0 };
}

/** The same, each row as the list of its values in the order of the statement, which is cheaper to read. */
export async function sqlValues(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[],
): Promise<unknown[][]> {
  const pool = preparing.get(em.getConnection());
  if (pool === undefined) {
    const { rows } = await sqlOnce<Record<string, unknown>>(em, statement, parameters);
    return rows.map((row) => Object.values(row));
  }
  const running = pool.query<unknown[]>({ ...prepared(statement, parameters), rowMode: 'array' });
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

function prepared(statement: string, parameters: readonly unknown[]) {
  return { name: nameOf(statement), text: statement, values: [...parameters] };
}

function nameOf(statement: string): string {
  let name = names.get(statement);
  if (name === undefined) {
    name = createHash('sha256').update(statement).digest('hex').slice(0, 32);
    names.set(statement, name);
  }
  return name;
}
