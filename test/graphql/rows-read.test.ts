import { beforeAll, expect, test } from '@jest/globals';
import { type User, userId } from '../../src/users/user.entity.js';
import { type Client, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';

const server = testServer();
const many = 5_000;
let client: Client;
let reader: User;

/** A step of PostgreSQL's, as EXPLAIN tells of it. */
interface Step {
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Step[];
}

beforeAll(async () => {
  for (let writer = 0; writer < 20; writer += 1) {
    await write(await server().user(), writer === 0 ? many : 50, true);
  }
  reader = await server().user();
  await write(reader, 50, false);
  // Drafts on top of everything, by someone who has published something too.
  const hoarder = await server().user({ name: 'Hoarder' });
  await write(hoarder, 50, true);
  await write(hoarder, many, false);
  await server().sql('analyze posts');
  client = await server().withSession(reader);
});

/** Posts of one author, drafts later than what is published. */
async function write({ id }: User, count: number, published: boolean): Promise<void> {
  await server().sql(
    `insert into posts (id, created_at, author_id, title, body, published, updated_at)
     select ($4 || substr(gen_random_uuid()::text, 2))::uuid, now(), $1, 'A title', 'A text.', $2, now()
     from generate_series(1, $3::int)`,
    [id, published, count, published ? '0' : 'f'],
  );
}

/** What the client is answered, and the most records that a step of a statement about posts went through for it. */
async function readFor(query: string) {
  const statements = await watchStatements(server());
  const { data, errors } = await client.send(query);
  const sent = statements.sent();
  statements.stop();
  expect(errors).toBeUndefined();
  let most = 0;
  for (const { text, values } of sent.filter(({ text }) => text.includes('"posts"'))) {
    const explained = await server().sql<{ 'QUERY PLAN': { Plan: Step }[] }>(`explain (analyze, format json) ${text}`, [
      ...values,
    ]);
    most = Math.max(most, ...explained.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => mostRows(Plan))));
  }
  expect(most).toBeGreaterThan(0);
  return { data, most };
}

function mostRows(step: Step): number {
  const own = step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0);
  return Math.max(own, ...(step.Plans ?? []).map(mostRows));
}

test('D14: a page within a page reads no more than it shows, however many records there are', async () => {
  const { data, most } = await readFor(
    '{ posts(first: 100) { nodes { author { posts(first: 2) { nodes { id } pageInfo { hasNextPage } } } } } }',
  );
  for (const { author } of data.posts.nodes) {
    expect(author.posts.nodes).toHaveLength(2);
    expect(author.posts.pageInfo.hasNextPage).toBe(true);
  }
  expect(most).toBeLessThan(200);
});

test('D14: drafts of others are not read on the way to what is published', async () => {
  const { data, most } = await readFor(
    '{ posts(first: 20) { nodes { id published author { id } } pageInfo { hasNextPage } } }',
  );
  expect(data.posts.nodes).toHaveLength(20);
  expect(data.posts.pageInfo.hasNextPage).toBe(true);
  expect(most).toBeLessThan(100);
});

test('D14: nor are those of one author', async () => {
  const [hoarder] = await server().sql<{ id: string }>("select id from users where name = 'Hoarder'");
  const id = userId.encode(hoarder?.id ?? '');
  for (const query of [
    `{ user(id: "${id}") { posts(first: 20) { nodes { id published } } } }`,
    `{ user: node(id: "${id}") { ... on User { posts(first: 20) { nodes { id published } } } } }`,
  ]) {
    const { data, most } = await readFor(query);
    expect(data.user.posts.nodes).toHaveLength(20);
    expect(data.user.posts.nodes.every(({ published }: { published: boolean }) => published)).toBe(true);
    expect(most).toBeLessThan(100);
  }
  const { data, most } = await readFor(`{ posts(first: 20, author: "${id}") { nodes { id published } } }`);
  expect(data.posts.nodes).toHaveLength(20);
  expect(most).toBeLessThan(100);
});
