import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  GraphQLInt,
  type GraphQLSchema,
  getNamedType,
  isIntrospectionType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { assumedListSize, costOf, prices } from '../../src/graphql/cost.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';

const { schema: served } = guardedSchema(modules);

function cost(text: string, variables: Record<string, unknown> = {}, schema: GraphQLSchema = served): number {
  const document = parse(text);
  return costOf(schema, document, document.definitions[0] as OperationDefinitionNode, variables);
}

describe('cost of an operation', () => {
  test.each([
    ['a name only', '{ __typename }', 1],
    ['objects', '{ viewer { kind user { id name } } }', 1 + 2],
    ['a page with the size of the schema', '{ posts { nodes { id } } }', 1 + 1 + 20],
    ['what stands beside the records', '{ posts(first: 5) { pageInfo { hasNextPage } } }', 1 + 2],
    ['records and their relations', '{ posts(first: 100) { nodes { id author { id } } } }', 1 + 1 + 100 * 2],
    ['edges', '{ posts(first: 10) { edges { cursor node { id } } } }', 1 + 1 + 10 * 2],
    ['edges and nodes', '{ posts(first: 10) { edges { node { id } } nodes { id } } }', 1 + 1 + 10 * 2 + 10],
    [
      'pages in pages',
      '{ posts(first: 100) { nodes { author { posts(first: 100) { nodes { id } } } } } }',
      1 + 1 + 100 * (1 + 1 + 1 + 100),
    ],
    ['a list without a size', '{ abilities { name } }', 1 + assumedListSize],
    ['a list that says its size', '{ sessions { id } }', 1 + 100],
    [
      'scalars that policies decide',
      '{ posts(first: 10) { nodes { id author { name email a: email } } } }',
      2 + 10 * 4,
    ],
    [
      'such a scalar in one of the types that a node may have',
      '{ node(id: "x") { id ... on User { email administrator } ... on Post { title } } }',
      2 + 2,
    ],
    ['lists of scalars', '{ viewer { abilities } }', 2],
    ['introspection', '{ __schema { types { name fields { name } } } }', 1 + prices.introspection],
    ['an alias of a field', '{ a: viewer { kind } b: viewer { kind } }', 3],
    ['a mutation that answers a scalar', 'mutation { deletePost(id: "x") }', 1 + prices.mutation],
    [
      'two mutations that answer objects',
      'mutation { a: createPost(title: "A", body: "B") { id author { id } } b: createPost(title: "A", body: "B") { id } }',
      1 + 2 * prices.mutation + 3,
    ],
    [
      'the most expensive of the types that a node may have',
      '{ node(id: "x") { id ... on Post { author { id } } ... on User { posts(first: 3) { nodes { id } } } } }',
      1 + 1 + 1 + 3,
    ],
  ])('%s', (_name, document, points) => {
    expect(cost(document)).toBe(points);
  });

  test('the same field in several fragments is one field', () => {
    const one = '{ posts(first: 7) { nodes { id author { id } } } }';
    const many =
      '{ ...A posts(first: 7) { nodes { author { id } ... on Post { author { name } } } } } fragment A on Query { posts(first: 7) { nodes { ...B ...B } } } fragment B on Post { id author { id } }';
    expect(cost(many)).toBe(cost(one));
  });

  test('a size that is less than nothing is nothing', () => {
    expect(cost('{ posts(first: -5) { nodes { author { id } } } }')).toBe(2);
  });
});

describe('D5 sizes of lists are those of the coerced arguments', () => {
  const fixture = buildSchema(`
    input Page { first: Int! = 4, after: String }
    type Item { id: ID! items(page: Page = { first: 3 }, q: String!): [Item!]! }
    type Query {
      direct(first: Int = 2, q: String!): [Item!]!
      unsized(first: Int): [Item!]!
      paged(page: Page!): [Item!]!
      matrix(first: Int!): [[Item!]!]!
    }
  `);
  test.each([
    ['a literal', '{ posts(first: 50) { nodes { id } } }', {}, 52],
    ['a variable', 'query ($n: Int!) { posts(first: $n) { nodes { id } } }', { n: 50 }, 52],
    ['a default of a variable', 'query ($n: Int! = 50) { posts(first: $n) { nodes { id } } }', {}, 52],
    ['a variable in place of a default', 'query ($n: Int! = 50) { posts(first: $n) { nodes { id } } }', { n: 7 }, 9],
    ['a variable that is not sent', 'query ($n: Int = 50) { posts(first: $n) { nodes { id } } }', {}, 52],
    ['the default of the schema', '{ posts { nodes { id } } }', { n: 50 }, 22],
    [
      'far beyond what is allowed',
      'query ($n: Int!) { posts(first: $n) { nodes { id } } }',
      { n: 2 ** 31 - 1 },
      2 ** 31 + 1,
    ],
    [
      'a variable below a variable',
      'query ($n: Int!, $m: Int!) { posts(first: $n) { nodes { author { posts(first: $m) { nodes { id } } } } } }',
      { n: 10, m: 20 },
      1 + 1 + 10 * (1 + 1 + 1 + 20),
    ],
    ['a variable of the wrong type', 'query ($n: Int!) { posts(first: $n) { nodes { id } } }', { n: '50' }, 1],
    ['null where a number must be', 'query ($n: Int = 50) { posts(first: $n) { nodes { id } } }', { n: null }, 2],
  ])('%s', (_name, document, variables, points) => {
    expect(cost(document, variables)).toBe(points);
  });

  test.each([
    ['an input object', '{ paged(page: { first: 9 }) { id } }', {}, 10],
    ['a variable in an input object', 'query ($n: Int!) { paged(page: { first: $n }) { id } }', { n: 9 }, 10],
    ['an input object in a variable', 'query ($p: Page!) { paged(page: $p) { id } }', { p: { first: 9 } }, 10],
    ['a default in an input object in a variable', 'query ($p: Page!) { paged(page: $p) { id } }', { p: {} }, 5],
    ['a default of a variable', 'query ($p: Page! = { first: 9 }) { paged(page: $p) { id } }', {}, 10],
    ['a default of the argument', '{ paged(page: {}) { items(q: "") { id } } }', {}, 1 + 4 * (1 + 3)],
    ['beside a variable that has no part in it', 'query ($q: String!) { direct(q: $q) { id } }', { q: 'x' }, 3],
    ['no size at all', '{ unsized { id } }', {}, 1 + assumedListSize],
    ['a list of lists', '{ matrix(first: 3) { id } }', {}, 1 + 3 * assumedListSize],
  ])('in another schema: %s', (_name, document, variables, points) => {
    expect(cost(document, variables, fixture)).toBe(points);
  });
});

describe('D5 every list of the schema has a size', () => {
  const fields = Object.values(served.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !isIntrospectionType(type)
      ? Object.values(type.getFields()).map((field) => ({ field, coordinate: `${type.name}.${field.name}` }))
      : [],
  );
  const holdsObjects = ({ field }: (typeof fields)[number]) => isObjectType(getNamedType(field.type));

  test('D5 a page by `first`, and by no other name', () => {
    const pages = fields.filter(({ field }) => /Connection$/.test(getNamedType(field.type).name));
    expect(pages.length).toBeGreaterThan(4);
    expect(pages.filter(({ field }) => !field.args.some(({ name }) => name === 'first'))).toEqual([]);
    const numbers = fields
      .filter(holdsObjects)
      .flatMap(({ field, coordinate }) =>
        field.args.filter(({ type }) => getNamedType(type) === GraphQLInt).map(({ name }) => `${coordinate}(${name}:)`),
      );
    expect(numbers.filter((each) => !each.endsWith('(first:)'))).toEqual([
      'Mutation.updateApiSettings(maximumTokenLifetimeDays:)',
    ]);
  });

  test('D5 any other list by what it is a list of', () => {
    const lists = fields.filter(holdsObjects).filter(({ field }) => String(field.type).includes('['));
    const whole = lists.filter(({ coordinate }) => !/Connection\.(nodes|edges)$/.test(coordinate));
    // What a document selects, which the limits bound; what one action changes; the catalogue; the latest hundred.
    expect(whole.map(({ coordinate }) => coordinate).sort()).toEqual([
      'AccessPlan.coordinates',
      'AccessPlan.errors',
      'AuditEvent.changes',
      'Query.abilities',
      'Query.sessions',
    ]);
  });
});

describe('what @skip and @include leave out is free', () => {
  const document = `query ($with: Boolean!) {
    posts(first: 10) { nodes { id author @include(if: $with) { id } ... @skip(if: $with) { a: author { id b: id } } } }
  }`;

  test.each([
    [true, 1 + 1 + 10 * 2],
    [false, 1 + 1 + 10 * 2],
  ])('with %s', (value, points) => {
    expect(cost(document, { with: value })).toBe(points);
  });

  test('as a literal', () => {
    expect(cost('{ viewer { kind user @skip(if: true) { id } } }')).toBe(2);
    expect(cost('{ viewer { kind user @include(if: true) { id } } }')).toBe(3);
  });

  test('a field that one of two selections leaves in counts, with what that one selects', () => {
    const twice = `query ($a: Boolean!, $b: Boolean!) {
      posts(first: 10) { nodes { author @include(if: $a) { id } author @include(if: $b) { posts(first: 2) { nodes { id } } } } }
    }`;
    expect(cost(twice, { a: false, b: false })).toBe(1 + 1 + 10);
    expect(cost(twice, { a: true, b: false })).toBe(1 + 1 + 10 * 2);
    expect(cost(twice, { a: false, b: true })).toBe(1 + 1 + 10 * (2 + 1 + 2));
    expect(cost(twice, { a: true, b: true })).toBe(1 + 1 + 10 * (2 + 1 + 2));
  });

  test('one operation costs what its own variables say, again and again', () => {
    const text = parse('query ($n: Int!) { posts(first: $n) { nodes { id } } }');
    const [operation] = text.definitions as OperationDefinitionNode[];
    const costs = [1, 100, 1].map((n) => costOf(served, text, operation as OperationDefinitionNode, { n }));
    expect(costs).toEqual([3, 102, 3]);
  });
});
