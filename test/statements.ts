import { jest } from '@jest/globals';
import type { AbstractSqlConnection } from '@mikro-orm/postgresql';
import type { CompiledQuery } from 'kysely';
import type { QueryConfig } from 'pg';
import { poolsOf } from '../src/database/sql.js';
import type { TestServer } from './helper.js';

/** A statement as it went to the database. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The last use of a credential is written by a timer, for many requests, and is nothing of any of them. */
const lastUse = /^update (api_tokens|sessions) t set last_/;

/** Watches the statements on their way to the database: those of the query builder and those of the pool itself. */
export async function watchStatements({ app }: TestServer) {
  // What was refused before is written in the background, and would be counted.
  await app.services.refusals.close();
  const connection = app.services.em.getConnection() as AbstractSqlConnection;
  const built = jest.spyOn(connection.getClient(), 'executeQuery').mock;
  const prepared = poolsOf(app.services.em).map((pool) => jest.spyOn(pool, 'query').mock);
  const sent = (): Sent[] => [
    ...built.calls
      .map(([query]) => query as CompiledQuery)
      .map(({ sql, parameters }) => ({ text: sql, values: parameters })),
    ...prepared
      .flatMap(({ calls }) => calls as unknown as [QueryConfig][])
      .map(([{ text, values = [] }]) => ({ text, values })),
  ];
  const count = () => sent().filter(({ text }) => !lastUse.test(text)).length;
  let before = 0;
  return {
    /** How many there were since it was last asked. */
    since: () => {
      const found = count() - before;
      before += found;
      return found;
    },
    /** All of them since the beginning, those of the query builder first. */
    sent,
    stop: () => jest.restoreAllMocks(),
  };
}
