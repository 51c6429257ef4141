import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type DocumentNode,
  getIntrospectionQuery,
  type IntrospectionOptions,
  type OperationDefinitionNode,
  print,
} from 'graphql';
import * as documents from '../../schema/documents.js';
import { findOperations } from '../../src/access/operations.js';
import { environment, loadConfig } from '../../src/config.js';
import { costOf } from '../../src/graphql/cost.js';
import { readingLimits } from '../../src/graphql/limits.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Client, TestServer, testServer } from '../helper.js';
import { limitsOf, refused } from './bombs.js';

const built = guardedSchema(modules);

/** Every limit as low as the configuration takes it. */
const lowest = Object.fromEntries(
  Object.entries(environment.shape)
    .filter(([name]) => name.startsWith('MAX_'))
    .map(([name, field]) => [name, lowestOf(name, field)]),
);

function lowestOf(name: string, field: { safeParse(value: string): { success: boolean } }): string {
  for (let value = 0; value <= 1_000; value += 1) {
    if (field.safeParse(String(value)).success) {
      return String(value);
    }
  }
  throw new Error(`${name} takes no value.`);
}

const operations = Object.entries(documents)
  .filter(([name]) => name.endsWith('Document'))
  .map(([name, document]) => [name, document as DocumentNode] as const);

/** The introspection queries that tools send. */
const introspections: [string, IntrospectionOptions][] = [
  ['plain', {}],
  ['of GraphiQL', { inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true, oneOf: true }],
  [
    'with everything',
    {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      schemaDescription: true,
    },
  ],
];

describe.each([
  ['with the limits as they are', {}],
  ['with every limit as low as it goes', lowest],
])('%s', (_name, env: Record<string, string>) => {
  const { limits } = loadConfig(env);

  test.each(operations)('the console’s %s is within them', (_operation, document) => {
    const sources = [{ name: 'a.graphql', text: print(document) }];
    const [found] = findOperations(built.schema, sources, readingLimits(limits, built.tree));
    expect(found?.errors).toEqual([]);
    const operation = document.definitions.find(
      ({ kind }) => kind === 'OperationDefinition',
    ) as OperationDefinitionNode;
    expect(costOf(built.schema, document, operation, { first: 100 })).toBeLessThanOrEqual(limits.cost);
  });

  test.each(introspections)('introspection %s is within them', (_query, options) => {
    const sources = [{ name: 'a.graphql', text: getIntrospectionQuery(options) }];
    const [found] = findOperations(built.schema, sources, readingLimits(limits, built.tree));
    expect(found?.errors).toEqual([]);
  });
});

describe('D11 introspection', () => {
  const server = testServer();
  let session: Client;

  beforeAll(async () => {
    session = await server().withSession(await server().user());
  });

  test.each(introspections)('D11 the full query %s is answered where it is open', async (_query, options) => {
    const answer = await session.send(getIntrospectionQuery(options));
    expect(answer.errors).toBeUndefined();
    expect(answer.data.__schema.types.length).toBeGreaterThan(20);
  });

  test('D11 walking in circles is refused', async () => {
    const answer = await refused(
      server(),
      session,
      '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    );
    expect(answer.codes).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test.each([
    ['__schema', `{ __schema { types { ${'ofType { '.repeat(20)} name ${'}'.repeat(20)} } } }`, 23],
    ['__type', `{ __type(name: "Post") { ${'ofType { '.repeat(20)} name ${'}'.repeat(20)} } }`, 22],
    [
      'a fragment',
      `{ __type(name: "Post") { ...A } } fragment A on __Type { ${'ofType { '.repeat(20)} name ${'}'.repeat(20)} }`,
      22,
    ],
  ])('D11 twenty wrappers below %s are refused', async (_place, document, value) => {
    expect(limitsOf(await refused(server(), session, document))).toEqual([['DEPTH_LIMIT', 16, value]]);
  });

  test('D11 in production guests are refused, and what the schema is sent for is paid for', async () => {
    const production = await TestServer.start({ NODE_ENV: 'production' });
    try {
      const guest = await production.asGuest().send(getIntrospectionQuery());
      expect([guest.status, guest.codes]).toEqual([401, ['UNAUTHENTICATED']]);
    } finally {
      await production.stop();
    }
    const many = `{ ${Array.from({ length: 10 }, (_, i) => `s${i}: __schema { types { name } }`).join(' ')} }`;
    const frugal = await TestServer.start({ MAX_COST: '1000' });
    try {
      expect(limitsOf(await refused(frugal, frugal.asGuest(), many))).toEqual([['COST_LIMIT', 1_000, 1_001]]);
    } finally {
      await frugal.stop();
    }
  });
});

describe('the limits of an operator', () => {
  const server = testServer({
    MAX_DEPTH: '4',
    MAX_ALIASES: '2',
    MAX_DIRECTIVES: '0',
    MAX_ROOT_FIELDS: '2',
    MAX_COST: '1000',
  });

  test.each([
    ['{ a: viewer { kind } b: viewer { kind } }', []],
    ['{ viewer { a: kind b: kind c: kind } }', [['ALIAS_LIMIT', 2, 3]]],
    ['{ viewer { kind @include(if: true) } }', [['DIRECTIVE_LIMIT', 0, 1]]],
    ['{ viewer { kind } a: viewer { kind } __typename }', [['ROOT_FIELD_LIMIT', 2, 3]]],
    ['{ posts(first: 1) { nodes { author { posts { pageInfo { endCursor } } } } } }', [['DEPTH_LIMIT', 4, 6]]],
    ['{ posts(first: 999) { nodes { id } } }', [['COST_LIMIT', 1_000, 1_001]]],
  ])('%s', async (document, limits) => {
    expect(limitsOf(await server().asGuest().send(document))).toEqual(limits);
  });

  test('are those of accessPlan', async () => {
    const plan = await server()
      .asGuest()
      .send('query ($d: String!) { accessPlan(document: $d) { valid errors { message } } }', {
        d: '{ viewer { a: kind b: kind c: kind } }',
      });
    expect(plan.data.accessPlan).toEqual({
      valid: false,
      errors: [{ message: 'The document has 3 aliases; the limit is 2.' }],
    });
  });
});
