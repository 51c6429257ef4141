import type { PoolFigures } from '../telemetry/prometheus.js';
import { poolOf } from './connections.js';
import type { Database } from './open.js';

/** Reads the pool of connections to a PostgreSQL server; null for an embedded database, which has none. */
export async function poolFigures({ orm, target }: Database): Promise<(() => PoolFigures) | null> {
  if (target.kind !== 'postgresql') {
    return null;
  }
  const pool = await poolOf(orm);
  return () => ({
    open: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    limit: pool.options.max,
  });
}
