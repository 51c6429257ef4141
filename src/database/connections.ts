import type { MikroORM } from '@mikro-orm/core';
import type { PostgreSqlConnection } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';

/** The pool of connections behind an ORM on PostgreSQL. */
export function poolOf(orm: MikroORM): Promise<Pool> {
  return (orm.em.getConnection() as unknown as PostgreSqlConnection).getNativeClient();
}

/**
 * Gives a pool its places back. A transaction of Kysely never returns its connection when BEGIN, COMMIT or ROLLBACK fails on
 * it, so each broken connection would cost a place for ever; and a connection on which an answer was given up still
 * waits for it, so whoever gets it next would wait as well.
 */
export function keepWhole(pool: Pool): void {
  const known = new WeakSet<PoolClient>();
  const lent = new Set<PoolClient>();
  // Not on `connect`: the first connection may be older than this call.
  pool.on('acquire', (client) => {
    lent.add(client);
    if (!known.has(client)) {
      known.add(client);
      client.once('end', () => {
        if (lent.has(client)) {
          client.release(true);
          // Whoever still holds it may return it too.
          client.release = () => {};
        }
      });
      endWhenGivenUp(client);
    }
  });
  pool.on('release', (_error, client) => lent.delete(client));
}

function endWhenGivenUp(client: PoolClient): void {
  const query = client.query as (...words: unknown[]) => unknown;
  client.query = (...words: unknown[]): never => {
    const answer = query.apply(client, words);
    if (answer instanceof Promise) {
      answer.catch((error: Error) => {
        if (error.message === 'Query read timeout') {
          void client.end();
        }
      });
    }
    return answer as never;
  };
}

/** A few connections apart from the pool, to the same database, with other limits; the caller ends it. */
export function reserveBeside(pool: Pool, limits: Readonly<Record<string, number>>): Pool {
  // `pg` hides the password from whoever copies the options.
  const { password } = pool.options;
  const reserve = new (pool.constructor as new (options: object) => Pool)({ ...pool.options, password, ...limits });
  // A connection that breaks while nobody uses it; whoever needs one gets another.
  reserve.on('error', () => {});
  return reserve;
}
