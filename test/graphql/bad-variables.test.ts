import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { costOf } from '../../src/graphql/cost.js';
import { quickExecutor } from '../../src/graphql/execute.js';

const schema = buildSchema(`
  input Page { first: Int!, ids: [Int!] }
  type Item { id: ID! }
  type Query { many(page: Page!): [Item!]! }
`);
const document = parse('query ($page: Page!) { many(page: $page) { id } }');
const operation = document.definitions[0] as OperationDefinitionNode;

/** Variables of which each item of a list is wrong, and how many of them somebody has looked at. */
function wrongItems() {
  let seen = 0;
  function* items() {
    for (; seen < 1_000; seen += 1) {
      yield 'no number';
    }
  }
  return { variables: { page: { first: 1, ids: items() } }, seen: () => seen };
}

test('D10: of a long list of wrong values a few are looked at before it runs', async () => {
  const { variables, seen } = wrongItems();
  expect(await quickExecutor(schema)({ document, operation, variables, context: {} })).toBeNull();
  expect(seen()).toBeLessThan(5);
});

test('D5, D10: of a long list of wrong values a few are looked at for what it costs', () => {
  const { variables, seen } = wrongItems();
  expect(costOf(schema, document, operation, variables)).toBe(1);
  expect(seen()).toBeLessThan(5);
});
