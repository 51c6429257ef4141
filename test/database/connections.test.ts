import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { openAppDatabase } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { poolOf } from '../../src/database/connections.js';
import type { Database } from '../../src/database/open.js';
import { poolsOf, prepareStatements, sql, sqlReserved, sqlValues } from '../../src/database/sql.js';
import { newDatabase } from '../helper.js';

// The embedded engine has no connections.
const describeOnPostgres = process.env.DATABASE_URL ? describe : describe.skip;

describeOnPostgres('R1 the connections to PostgreSQL (only with DATABASE_URL)', () => {
  let database: Database;
  let em: EntityManager;
  let closeReserve: () => Promise<void>;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const { url = '', drop: dropDatabase } = await newDatabase();
    drop = dropDatabase;
    const config = loadConfig({ DATABASE_URL: url, DATABASE_POOL_SIZE: '2', LOG_LEVEL: 'silent' });
    database = await openAppDatabase(config, 'server');
    em = database.orm.em.fork() as EntityManager;
    closeReserve = await prepareStatements(database);
  });

  afterAll(async () => {
    await closeReserve?.();
    await database?.close();
    await drop?.();
  });

  test('that break in a transaction cost the pool no place', async () => {
    for (let round = 0; round < 5; round += 1) {
      const broken = em.fork().transactional(async (unit) => {
        const context = unit.getTransactionContext();
        const [{ pid = 0 } = {}] = await unit
          .getConnection()
          .execute<{ pid: number }[]>('select pg_backend_pid() as pid', [], 'all', context);
        await sqlReserved(em, 'select pg_terminate_backend($1)', [pid]);
        await unit.getConnection().execute('select 1', [], 'all', context);
      });
      await expect(broken).rejects.toThrow();
    }
    // Both places are there.
    const pool = await poolOf(database.orm);
    for (const client of await Promise.all([pool.connect(), pool.connect()])) {
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      client.release();
    }
  });

  test('R5 that are all in use leave those of the reserve free', async () => {
    const [shared] = poolsOf(em);
    const taken = await Promise.all([shared?.connect(), shared?.connect()]);
    try {
      await expect(sql(em, 'select 1')).rejects.toThrow('timeout exceeded when trying to connect');
      expect((await sqlReserved(em, 'select 2 as two')).rows).toEqual([{ two: 2 }]);
    } finally {
      for (const client of taken) {
        client?.release();
      }
    }
  });

  test('R8 plan a statement anew when a column has got another type, on each of them', async () => {
    await sql(em, 'create table planned (id int, label varchar(20))');
    await sql(em, "insert into planned values (1, 'one')");
    const ask = () => Promise.all([1, 2].map(() => sql(em, 'select label from planned where id = $1', [1])));
    const askValues = () => Promise.all([1, 2].map(() => sqlValues(em, 'select id, label from planned', [])));
    await Promise.all([ask(), askValues()]);
    await sql(em, 'alter table planned alter column label type text');
    for (const { rows } of await ask()) {
      expect(rows).toEqual([{ label: 'one' }]);
    }
    expect(await askValues()).toEqual([[[1, 'one']], [[1, 'one']]]);
    await sql(em, 'alter table planned alter column id type bigint');
    await sql(em, 'alter table planned alter column label type varchar(30)');
    expect((await ask()).map(({ rows }) => rows)).toEqual([[{ label: 'one' }], [{ label: 'one' }]]);
  });
});
