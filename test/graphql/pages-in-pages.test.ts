import { beforeAll, expect, jest, test } from '@jest/globals';
import type { AbstractSqlConnection } from '@mikro-orm/postgresql';
import type { CompiledQuery } from 'kysely';
import { type Client, testServer } from '../helper.js';

const server = testServer();
const many = 5_000;
let client: Client;

/** A step of PostgreSQL's, as EXPLAIN tells of it. */
interface Step {
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Step[];
}

beforeAll(async () => {
  for (let writer = 0; writer < 20; writer += 1) {
    const author = await server().user();
    await server().sql(
      `insert into posts (id, created_at, author_id, title, body, published, updated_at)
       select gen_random_uuid(), now(), $1, 'A title', 'A text.', true, now() from generate_series(1, $2::int)`,
      [author.id, writer === 0 ? many : 50],
    );
  }
  await server().sql('analyze posts');
  client = await server().withSession(await server().user());
});

function mostRows(step: Step): number {
  const own = step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0);
  return Math.max(own, ...(step.Plans ?? []).map(mostRows));
}

test('D14: a page within a page reads no more than it shows, however many records there are', async () => {
  const connection = server().app.services.em.getConnection() as AbstractSqlConnection;
  const statements = jest.spyOn(connection.getClient(), 'executeQuery');
  const answer = await client.send(
    '{ posts(first: 100) { nodes { author { posts(first: 2) { nodes { id } pageInfo { hasNextPage } } } } } }',
  );
  const sent = statements.mock.calls.map(([statement]) => statement as CompiledQuery);
  statements.mockRestore();
  expect(answer.errors).toBeUndefined();
  for (const { author } of answer.data.posts.nodes) {
    expect(author.posts.nodes).toHaveLength(2);
    expect(author.posts.pageInfo.hasNextPage).toBe(true);
  }
  const [numbers] = sent.filter(({ sql }) => sql.startsWith('select n.id'));
  const explained = await server().sql<{ 'QUERY PLAN': { Plan: Step }[] }>(
    `explain (analyze, format json) ${numbers?.sql}`,
    [...(numbers?.parameters ?? [])],
  );
  const steps = explained.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan));
  expect(steps).toHaveLength(1);
  expect(Math.max(...steps.map(mostRows))).toBeLessThan(200);
});
