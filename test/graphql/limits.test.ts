import { beforeAll, describe, expect, test } from '@jest/globals';
import { errorsTold } from '../../src/graphql/limits.js';
import { type Client, testServer } from '../helper.js';
import { limitsOf, refused as refusedBy, repeat } from './bombs.js';

const server = testServer();
let session: Client;

beforeAll(async () => {
  session = await server().withSession(await server().user());
});

const refused = (document: string) => refusedBy(server(), session, document);

describe('D1 aliases', () => {
  const aliases = (count: number) => `{ viewer { ${repeat(count, (i) => `a${i}: __typename`)} } }`;

  test('D1 as many as the limit pass', async () => {
    const answer = await session.send(aliases(15));
    expect(answer.errors).toBeUndefined();
    expect(Object.keys(answer.data.viewer)).toHaveLength(15);
  });

  test.each([
    ['one more than the limit', aliases(16), 16],
    ['101 of __typename', aliases(101), 101],
    ['101 at the root', `{ ${repeat(101, (i) => `alias${i}: viewer { kind }`)} }`, 101],
    [
      '16 spread over fragments',
      `{ viewer { ...A ...B } } fragment A on Viewer { ${repeat(8, (i) => `a${i}: kind`)} } fragment B on Viewer { ${repeat(8, (i) => `b${i}: kind`)} }`,
      16,
    ],
    [
      '8 in a fragment that is spread twice',
      `{ viewer { ...A } b: viewer { ...A } } fragment A on Viewer { ${repeat(8, (i) => `a${i}: kind`)} }`,
      17,
    ],
    ['16 in inline fragments', `{ ... on Query { viewer { ... { ${repeat(16, (i) => `a${i}: kind`)} } } } }`, 16],
  ])('D1 %s are refused', async (_name, document, value) => {
    expect(limitsOf(await refused(document))).toContainEqual(['ALIAS_LIMIT', 15, value]);
  });

  test('D1 5,000 are refused before they are validated', async () => {
    expect(limitsOf(await refused(aliases(5_000)))).toEqual([['TOKEN_LIMIT', 1_000, 1_001]]);
  });
});

describe('root fields', () => {
  const names = ['viewer { kind }', 'posts { pageInfo { hasNextPage } }', 'sessions { id }', 'abilities { name }'];

  test('as many as the limit pass, the same one counted once', async () => {
    const answer = await session.send(
      `{ ...A ${names.join(' ')} ${names.join(' ')} ${repeat(6, (i) => `t${i}: __typename`)} } fragment A on Query { viewer { kind } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(Object.keys(answer.data)).toHaveLength(10);
  });

  test.each([
    ['of a query', `{ ${names.join(' ')} ${repeat(7, (i) => `t${i}: __typename`)} }`],
    [
      'in fragments',
      `{ ...A ... { ${repeat(7, (i) => `t${i}: __typename`)} } } fragment A on Query { ${names.join(' ')} }`,
    ],
    ['of a mutation', `mutation { ${repeat(11, (i) => `d${i}: deletePost(id: "x")`)} }`],
  ])('one more %s is refused', async (_name, document) => {
    expect(limitsOf(await refused(document))).toEqual([['ROOT_FIELD_LIMIT', 10, 11]]);
  });
});

describe('D2 depth', () => {
  const eight = 'posts { nodes { author { posts { pageInfo { hasNextPage } } } } }';

  test.each([
    ['fields', `{ viewer { user { ${eight} } } }`],
    ['named fragments', `{ viewer { user { ...A } } } fragment A on User { ${eight} }`],
    ['inline fragments', `{ ... on Query { viewer { ... on Viewer { user { ... { ${eight} } } } } } }`],
  ])('D2 eight levels pass when they are spelt with %s', async (_name, document) => {
    expect((await session.send(document)).errors).toBeUndefined();
  });

  const nine = 'posts { nodes { author { posts { nodes { author { id } } } } } }';
  test.each([
    ['fields', `{ viewer { user { ${nine} } } }`],
    [
      'named fragments',
      `{ viewer { user { ...A } } } fragment A on User { posts { nodes { author { ...B } } } } fragment B on User { posts { nodes { author { id } } } }`,
    ],
    ['inline fragments', `{ ... on Query { viewer { ... on Viewer { user { ... on User { ${nine} } } } } } }`],
    ['a fragment that is called __schema', `{ viewer { user { ...__schema } } } fragment __schema on User { ${nine} }`],
    ['aliases that are called __schema', `{ __schema: viewer { __type: user { ${nine} } } }`],
    [
      'a fragment that is used shallow first',
      `{ viewer { user { ...A } ...V } } fragment V on Viewer { user { posts { nodes { author { ...A } } } } } fragment A on User { posts { nodes { author { id } } } }`,
    ],
  ])('D2 nine are refused when they are spelt with %s', async (_name, document) => {
    expect(limitsOf(await refused(document))).toContainEqual(['DEPTH_LIMIT', 8, 9]);
  });

  test('D4 twenty lists in lists are refused before a row is read', async () => {
    const inner = `${repeat(6, () => 'posts { nodes { author {')} id ${'} } }'.repeat(6)}`;
    expect(limitsOf(await refused(`{ viewer { user { ${inner} } } }`))).toEqual([['DEPTH_LIMIT', 8, 21]]);
  });
});

describe('D3 fragments', () => {
  test('D3 a bomb of fragments is refused at once', async () => {
    const bomb = `{ viewer { ...F0 } } ${repeat(30, (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Viewer { kind }`;
    expect(limitsOf(await refused(bomb))).toEqual([['SELECTION_LIMIT', 1_000, 3 * 2 ** 30]]);
  });

  test('D3 a smaller one passes, and is read once', async () => {
    const small = `{ viewer { ...F0 } } ${repeat(7, (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`)} fragment F7 on Viewer { kind }`;
    expect((await session.send(small)).data).toEqual({ viewer: { kind: 'SESSION' } });
  });

  test.each([
    ['itself', '{ viewer { ...A } } fragment A on Viewer { kind ...A }'],
    ['one that spreads it', '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }'],
    [
      'one that spreads one that spreads it',
      '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...C } fragment C on Viewer { ...A }',
    ],
  ])('D6 a fragment that spreads %s is refused', async (_name, document) => {
    const answer = await refused(document);
    expect(answer.codes).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(answer.text).toContain('Cannot spread fragment');
  });

  test('D7 more definitions than the limit are refused, used or not', async () => {
    const many = (count: number) =>
      `{ viewer { ${repeat(count, (i) => `...F${i}`)} } } ${repeat(count, (i) => `fragment F${i} on Viewer { kind }`)}`;
    expect((await session.send(many(50))).errors).toBeUndefined();
    expect(limitsOf(await refused(many(51)))).toEqual([['FRAGMENT_LIMIT', 50, 51]]);
    const unused = await refused(`{ __typename } ${repeat(130, (i) => `fragment F${i} on Viewer { kind }`)}`);
    expect(limitsOf(unused)).toContainEqual(['FRAGMENT_LIMIT', 50, 130]);
    expect(unused.errors?.length).toBeLessThanOrEqual(errorsTold + 1);
  });
});

describe('D7, D8, D9, D10 length', () => {
  test.each([
    ['D7 5,000 fields', `{ ${repeat(5_000, () => '__typename')} }`],
    ['D7 200 operations', repeat(250, (i) => `query Q${i} { __typename }`)],
    ['D7 1,000 directives', `{ __typename ${repeat(1_000, () => '@include(if: true)')} }`],
    ['D7 300 fragments', `{ __typename } ${repeat(300, (i) => `fragment F${i} on Viewer { kind }`)}`],
    ['D8 30,000 braces', '{ a '.repeat(20_000)],
    ['D8 50,000 brackets', `{ post(id: ${'['.repeat(50_000)}`],
    ['D9 3,000 selections that overlap', `{ ${repeat(3_000, () => 'viewer { kind }')} }`],
    ['D10 a list of 10,000 literals', `{ post(id: [${'1,'.repeat(10_000)}]) { id } }`],
  ])('%s are refused by the parser', async (_name, document) => {
    const answer = await refused(document);
    expect(limitsOf(answer)).toEqual([['TOKEN_LIMIT', 1_000, 1_001]]);
    expect(answer.text).not.toContain('call stack');
    expect(answer.text).not.toContain('Syntax');
  });

  test('D7 as many tokens as the limit pass', async () => {
    const long = (more: string) => `{ viewer { ${'... { '.repeat(331)} kind ${more} ${'}'.repeat(331)} } }`;
    expect((await session.send(long('kind'))).errors).toBeUndefined();
    expect((await refused(long('kind kind'))).codes).toEqual(['TOKEN_LIMIT']);
  });

  test('D9 the same field five hundred times is one field', async () => {
    const answer = await session.send(`{ ${repeat(500, () => '__typename')} }`);
    expect(answer.data).toEqual({ __typename: 'Query' });
  });

  test('D9 three hundred selections that overlap are one', async () => {
    const answer = await session.send(`{ ${repeat(240, () => 'viewer { kind }')} }`);
    expect(answer.data).toEqual({ viewer: { kind: 'SESSION' } });
  });
});

describe('D7 directives', () => {
  test('D7 ten that nobody knows are told in a few errors', async () => {
    const answer = await refused(`{ __typename ${'@aa '.repeat(10)} }`);
    expect(answer.errors?.length).toBeLessThan(10);
  });

  test('D7 more than the limit are refused, although each is allowed, wherever they stand', async () => {
    const use = (count: number) => repeat(count, () => '... @include(if: true) { __typename }');
    expect((await session.send(`{ ${use(10)} }`)).errors).toBeUndefined();
    expect(limitsOf(await refused(`{ ${use(11)} }`))).toEqual([['DIRECTIVE_LIMIT', 10, 11]]);
    const spread = `{ ...A viewer { kind } ...A @include(if: true) } fragment A on Query { ${use(5)} }`;
    expect(limitsOf(await refused(spread))).toEqual([['DIRECTIVE_LIMIT', 10, 11]]);
  });
});

describe('a document that is too large in several ways', () => {
  test('is told each of them, with words, limit and value', async () => {
    const nine = 'posts { nodes { author { posts { nodes { author { id } } } } } }';
    const answer = await refused(`{ viewer { user { ${nine} } ${repeat(16, (i) => `a${i}: kind`)} } }`);
    expect(answer.errors?.map(({ message, extensions }) => ({ message, ...extensions }))).toEqual([
      { code: 'DEPTH_LIMIT', message: 'The document has 9 levels; the limit is 8.', limit: 8, value: 9 },
      { code: 'ALIAS_LIMIT', message: 'The document has 16 aliases; the limit is 15.', limit: 15, value: 16 },
    ]);
  });

  test('has the status of GraphQL in the older media type', async () => {
    const answer = await session.send(
      `{ viewer { ${repeat(16, (i) => `a${i}: kind`)} } }`,
      {},
      {
        accept: 'application/json',
      },
    );
    expect([answer.status, answer.codes]).toEqual([200, ['ALIAS_LIMIT']]);
  });

  test('is refused whether or not its operation is the one that would run', async () => {
    const document = `query A { viewer { kind } } query B { viewer { ${repeat(16, (i) => `a${i}: kind`)} } }`;
    expect((await refused(document)).codes).toEqual(['ALIAS_LIMIT']);
  });
});
