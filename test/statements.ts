import { jest } from '@jest/globals';
import type { AbstractSqlConnection } from '@mikro-orm/postgresql';
import { poolsOf } from '../src/database/sql.js';
import type { TestServer } from './helper.js';

/** Counts the statements on their way to the database: those of the query builder and those of the pool itself. */
export async function watchStatements({ app }: TestServer) {
  // What was refused before is written in the background, and would be counted.
  await app.services.refusals.close();
  const connection = app.services.em.getConnection() as AbstractSqlConnection;
  const spies = [jest.spyOn(connection.getClient(), 'executeQuery')] as { mock: { calls: unknown[] } }[];
  for (const pool of poolsOf(app.services.em)) {
    spies.push(jest.spyOn(pool, 'query'));
  }
  const count = () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  let before = 0;
  return {
    /** How many there were since it was last asked. */
    since: () => {
      const found = count() - before;
      before += found;
      return found;
    },
    stop: () => jest.restoreAllMocks(),
  };
}
