import { beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { documentLimits } from '../../src/graphql/limits.js';
import { type Answer, type Client, testServer } from '../helper.js';

const server = testServer();
let session: Client;

beforeAll(async () => {
  session = await server().withSession(await server().user());
});

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** The answer to a document that may not run at all, however long it would take. */
async function refused(document: string): Promise<Answer> {
  const before = await server().contents();
  const answer = await session.send(document, {}, { accept: 'application/graphql-response+json' });
  expect(answer.status).toBe(400);
  expect('data' in JSON.parse(answer.text)).toBe(false);
  expect(answer.text.length).toBeLessThan(5_000);
  expect(await server().contents()).toEqual(before);
  return answer;
}

/** `posts` and `author` by turns, so that the innermost field stands `depth` levels deep. */
function nested(depth: number, inner = 'id'): string {
  const path = ['viewer', 'user'];
  while (path.length < depth - 1) {
    path.push(...['posts', 'nodes', 'author'].slice(0, depth - 1 - path.length));
  }
  return `${path.join(' { ')} { ${path.at(-1) === 'posts' ? 'pageInfo { hasNextPage }' : inner} ${'}'.repeat(path.length)}`;
}

describe('aliases', () => {
  test('as many as the limit pass', async () => {
    const answer = await session.send(`{ ${repeat(documentLimits.aliases, (i) => `a${i}: __typename`)} }`);
    expect(answer.errors).toBeUndefined();
    expect(Object.keys(answer.data)).toHaveLength(documentLimits.aliases);
  });

  test.each([
    ['one more than the limit', `{ ${repeat(documentLimits.aliases + 1, (i) => `a${i}: __typename`)} }`],
    ['101 of __typename', `{ ${repeat(101, (i) => `alias${i}: __typename`)} }`],
    ['101 of a field', `{ ${repeat(101, (i) => `alias${i}: viewer { kind }`)} }`],
    [
      '16 spread over fragments',
      `{ viewer { ...A ...B } } fragment A on Viewer { ${repeat(8, (i) => `a${i}: kind`)} } fragment B on Viewer { ${repeat(8, (i) => `b${i}: kind`)} }`,
    ],
    ['101 logins', `mutation { ${repeat(101, (i) => `a${i}: login(email: "a@b.c", password: "p") { kind }`)} }`],
  ])('%s are refused', async (_name, document) => {
    const answer = await refused(document);
    expect(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']).toContain(answer.codes[0]);
  });

  test('5 000 are refused before they are validated', async () => {
    expect((await refused(`{ ${repeat(5_000, (i) => `a${i}: __typename`)} }`)).codes).toEqual(['GRAPHQL_PARSE_FAILED']);
  });
});

describe('depth', () => {
  test('eight levels pass, in any spelling', async () => {
    const plain = '{ viewer { user { posts { nodes { author { posts { pageInfo { hasNextPage } } } } } } } }';
    const named =
      '{ viewer { user { ...A } } } fragment A on User { posts { nodes { author { posts { pageInfo { hasNextPage } } } } } }';
    const inline =
      '{ ... on Query { viewer { ... on Viewer { user { posts { nodes { author { posts { pageInfo { hasNextPage } } } } } } } } } }';
    for (const document of [plain, named, inline]) {
      expect((await session.send(document)).errors).toBeUndefined();
    }
  });

  const tail = 'posts { nodes { author { posts { nodes { author { id } } } } } }';
  test.each([
    ['fields', `{ viewer { user { ${tail} } } }`],
    [
      'named fragments',
      `{ viewer { user { ...A } } } fragment A on User { posts { nodes { author { ...B } } } } fragment B on User { posts { nodes { author { id } } } }`,
    ],
    ['inline fragments', `{ ... on Query { viewer { ... on Viewer { user { ... on User { ${tail} } } } } } }`],
    ['a fragment that is called __schema', `{ viewer { user { ...__schema } } } fragment __schema on User { ${tail} }`],
    [
      'a fragment that is used shallow first',
      `{ viewer { user { ...A } ...V } } fragment V on Viewer { user { posts { nodes { author { ...A } } } } } fragment A on User { posts { nodes { author { posts { pageInfo { hasNextPage } } } } } }`,
    ],
  ])('more levels are refused when they are spelt with %s', async (_name, document) => {
    const answer = await refused(document);
    expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test('lists in lists are refused before a row is read', async () => {
    const answer = await refused(`{ ${nested(20)} }`);
    expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('fragments', () => {
  test('a bomb of fragments is refused at once', async () => {
    const bomb = `{ viewer { ...F0 } } ${repeat(30, (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Viewer { kind }`;
    expect((await refused(bomb)).codes).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test.each([
    ['itself', '{ viewer { ...A } } fragment A on Viewer { kind ...A }'],
    ['one that spreads it', '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }'],
  ])('one that spreads %s is refused', async (_name, document) => {
    expect((await refused(document)).codes).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('300 that nobody uses give a short answer', async () => {
    const answer = await refused(`{ __typename } ${repeat(150, (i) => `fragment F${i} on Viewer { kind }`)}`);
    expect(answer.errors?.length).toBeLessThanOrEqual(documentLimits.errors + 1);
    expect((await refused(`{ __typename } ${repeat(300, (i) => `fragment F${i} on Viewer { kind }`)}`)).codes).toEqual([
      'GRAPHQL_PARSE_FAILED',
    ]);
  });
});

describe('length', () => {
  test.each([
    ['5 000 fields', `{ ${repeat(5_000, () => '__typename')} }`],
    ['200 operations', repeat(250, (i) => `query Q${i} { __typename }`)],
    ['1 000 directives', `{ __typename ${repeat(1_000, () => '@include(if: true)')} }`],
    ['a list of 10 000 values', `{ post(id: [${'1,'.repeat(10_000)}]) { id } }`],
    ['3 000 selections that overlap', `{ ${repeat(3_000, () => 'viewer { kind }')} }`],
    ['20 000 braces', '{ a '.repeat(20_000)],
    ['50 000 brackets', `{ post(id: ${'['.repeat(50_000)}`],
  ])('%s are refused by the parser', async (_name, document) => {
    const answer = await refused(document);
    expect(answer.codes).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(answer.text).not.toContain('call stack');
  });

  test('the same field five hundred times is one field', async () => {
    const answer = await session.send(`{ ${repeat(500, () => '__typename')} }`);
    expect(answer.data).toEqual({ __typename: 'Query' });
  });

  test('a text of 90 kB is bad input, named by its argument', async () => {
    const answer = await session.send('mutation ($b: String!) { createPost(title: "A", body: $b) { id } }', {
      b: 'x'.repeat(90_000),
    });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['body']);
  });
});

describe('directives', () => {
  test('ten that nobody knows are told in a few errors', async () => {
    const answer = await refused(`{ __typename ${'@aa '.repeat(10)} }`);
    expect(answer.errors?.length).toBeLessThan(10);
  });

  test('more than the limit are refused, although each is allowed', async () => {
    const use = (count: number) => repeat(count, () => '... @include(if: true) { __typename }');
    expect((await session.send(`{ ${use(documentLimits.directives)} }`)).errors).toBeUndefined();
    expect((await refused(`{ ${use(documentLimits.directives + 1)} }`)).codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('list sizes', () => {
  test.each([
    ['a literal', '{ posts(first: 100000) { nodes { id } } }', {}],
    ['a variable', 'query ($n: Int!) { posts(first: $n) { nodes { id } } }', { n: 100_000 }],
    ['a default', 'query ($n: Int! = 100000) { posts(first: $n) { nodes { id } } }', {}],
    ['nothing', '{ posts(first: 0) { nodes { id } } }', {}],
    ['less than nothing', '{ posts(first: -1) { nodes { id } } }', {}],
    ['a nested list', '{ viewer { user { posts(first: 101) { nodes { id } } } } }', {}],
  ])('%s beyond the limit is bad input', async (_name, document, variables) => {
    const answer = await session.send(document, variables);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['first']);
  });
});

describe('introspection within the limits', () => {
  test('the full query of graphql-js passes', async () => {
    const answer = await session.send(
      getIntrospectionQuery({
        descriptions: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        inputValueDeprecation: true,
        schemaDescription: true,
      }),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.__schema.types.length).toBeGreaterThan(20);
  });

  test('walking in circles does not', async () => {
    const answer = await refused(
      '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    );
    expect(answer.codes).toContain('GRAPHQL_VALIDATION_FAILED');
  });
});
