import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildContext } from '../../src/graphql/context.js';
import { createGraphQLServer } from '../../src/graphql/server.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';
import { limitsOf, refused as refusedBy, repeat } from './bombs.js';

const server = testServer();
let user: User;
let session: Client;

beforeAll(async () => {
  user = await server().user();
  session = await server().withSession(user);
  for (let index = 0; index < 3; index += 1) {
    await server().post(user);
  }
});

const refused = (document: string, variables?: Record<string, unknown>) =>
  refusedBy(server(), session, document, variables);

const pages = (first: string) =>
  `posts(first: ${first}) { nodes { author { posts(first: ${first}) { nodes { id } } } } }`;

describe('honest pages pass', () => {
  test.each([
    ['a hundred posts with their authors', '{ posts(first: 100) { nodes { id title author { id name } } } }'],
    [
      'the same as edges',
      '{ posts(first: 100) { edges { cursor node { id author { id } } } pageInfo { endCursor } } }',
    ],
    ['fifty times fifty', `{ ${pages('50')} }`],
  ])('%s', async (_name, document) => {
    const answer = await session.send(document);
    expect(answer.errors).toBeUndefined();
    expect(answer.text.length).toBeGreaterThan(200);
  });
});

describe('D4 lists in lists', () => {
  test('D4 a hundred times a hundred is refused before anything runs', async () => {
    const statements = await watchStatements(server());
    await session.send('{ __typename }');
    const needed = statements.since();
    const answer = await session.send(`{ ${pages('100')} }`);
    expect(limitsOf(answer)).toEqual([['COST_LIMIT', 5_000, 10_302]]);
    expect(answer.errors?.[0]?.message).toBe('The document has 10302 points of cost; the limit is 5000.');
    expect(statements.since()).toBeLessThanOrEqual(needed);
    statements.stop();
  });

  test('D4 a few large pages side by side are refused as well', async () => {
    const page = (index: number) =>
      `p${index}: posts(first: 100) { edges { node { author { id } } } nodes { author { id } } }`;
    const document = `{ ${repeat(10, page)} }`;
    expect(limitsOf(await refused(document))).toEqual([['COST_LIMIT', 5_000, 1 + 10 * (1 + 100 * 3 + 100 * 2)]]);
  });
});

describe('D5 list cost from coerced arguments', () => {
  const inVariable = 'query ($n: Int!) { posts(first: $n) { nodes { id } } }';
  test.each([
    ['a literal', '{ posts(first: 100000) { nodes { id } } }', {}],
    ['a variable', inVariable, { n: 100_000 }],
    ['a default', 'query ($n: Int! = 100000) { posts(first: $n) { nodes { id } } }', {}],
    [
      'a variable in a fragment',
      `query ($n: Int!) { ...A } fragment A on Query { posts(first: $n) { nodes { id } } }`,
      { n: 100_000 },
    ],
    ['a nested list', 'query ($n: Int!) { viewer { user { posts(first: $n) { nodes { id } } } } }', { n: 100_000 }],
    [
      'the type of a node',
      `query ($n: Int!, $id: ID!) { node(id: $id) { ... on User { posts(first: $n) { nodes { id } } } } }`,
      { n: 100_000, id: 'x' },
    ],
  ])('D5 %s far beyond the limit is refused', async (_name, document, variables) => {
    const answer = await refused(document, variables);
    expect(answer.codes).toEqual(['COST_LIMIT']);
    expect(answer.errors?.[0]?.extensions.value).toBeGreaterThan(100_000);
  });

  test.each([
    ['a little more than a page', '{ posts(first: 101) { nodes { id } } }', {}],
    ['a variable', inVariable, { n: 101 }],
    ['nothing', '{ posts(first: 0) { nodes { id } } }', {}],
    ['less than nothing', inVariable, { n: -1 }],
    ['a nested list', '{ viewer { user { posts(first: 101) { nodes { id } } } } }', {}],
    ['the least number there is', inVariable, { n: -(2 ** 31) }],
  ])('D5 %s is bad input, and no row is read', async (_name, document, variables) => {
    const answer = await session.send(document, variables);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['first']);
  });

  test('D5 a number that is none is bad input', async () => {
    for (const n of ['50', 1.5, 2 ** 31, null, [50], { first: 50 }]) {
      expect((await session.send(inVariable, { n })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('D5 the same document passes or not by its variables, on both ways of execution', async () => {
    const document = `query ($n: Int!, $id: ID!, $with: Boolean!) {
      posts(first: $n) { nodes { author { posts(first: $n) { nodes { id } } } } }
      node(id: $id) @include(if: $with) { id }
    }`;
    const plain = `query ($n: Int!) { ${pages('$n')} }`;
    for (const n of [100, 10, 100, 70, 10]) {
      const expected = n > 69 ? ['COST_LIMIT'] : [];
      expect((await session.send(plain, { n })).codes).toEqual(expected);
      expect((await session.send(document, { n, id: publicIdOf.user(user), with: true })).codes).toEqual(expected);
    }
  });
});

describe('other ways in', () => {
  test('executeOperation holds the limit too', async () => {
    const built = guardedSchema(modules);
    const { services, http } = server().app;
    const apollo = createGraphQLServer(built, { ...services.config.limits, cost: 22 }, false);
    const request = {
      id: 'r',
      ip: '127.0.0.1',
      userAgent: null,
      authorization: [],
      sessionSecret: session.cookie.split('=')[1] ?? '',
      runAs: [],
      strayToken: false,
      trustedOrigin: true,
    };
    const ask = async (first: number) => {
      const contextValue = await buildContext(services, request, http.log, () => {});
      const query = `query ($n: Int!) { posts(first: $n) { nodes { id } } }`;
      const { body } = await apollo.executeOperation({ query, variables: { n: first } }, { contextValue });
      return body.kind === 'single' ? body.singleResult : {};
    };
    expect((await ask(20)).errors).toBeUndefined();
    expect((await ask(21)).errors?.[0]?.extensions).toEqual({ code: 'COST_LIMIT', limit: 22, value: 23 });
    await apollo.stop();
  });

  test('a mutation that costs too much changes nothing', async () => {
    const page = 'posts(first: 100) { nodes { author { posts(first: 2) { nodes { id } } } } }';
    const create = (index: number) => `c${index}: createPost(title: "A", body: "B") { author { ${page} } }`;
    const document = `mutation { ${repeat(10, create)} }`;
    expect((await refused(document)).codes).toEqual(['COST_LIMIT']);
  });

  test('guests are refused before they are asked who they are', async () => {
    expect(
      (
        await server()
          .asGuest()
          .send(`{ ${pages('100')} }`)
      ).codes,
    ).toEqual(['COST_LIMIT']);
    expect(
      (
        await server()
          .asGuest()
          .send(`{ ${pages('10')} }`)
      ).codes,
    ).toEqual(['UNAUTHENTICATED']);
  });
});
