import type { AbstractSqlConnection, EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/** Runs one statement with bound parameters (`$1`), outside the unit of work and of any transaction of `em`. */
export async function sql<Row extends object>(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<{ rows: Row[]; affected: number }> {
  const connection = em.getConnection() as AbstractSqlConnection;
  const result = await connection.getClient().executeQuery<Row>(CompiledQuery.raw(statement, [...parameters]));
  return { rows: result.rows, affected: Number(result.numAffectedRows ?? 0) };
}
