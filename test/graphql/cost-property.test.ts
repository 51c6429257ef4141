import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  executeSync,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isEnumType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { guardOf } from '../../src/access/guard.js';
import { assumedListSize, costOf, prices } from '../../src/graphql/cost.js';
import { listSizeOf } from '../../src/graphql/list-size.js';
import { DocumentWriter } from '../access/random-document.js';

import { schemaOfModules } from '../schema-of-modules.js';

const runs = 500;
const pageSize = 3;

/** How many scalars with a policy of their own an execution has asked for. */
let decided = 0;

/** The types of the real schema, with records and pages that are never missing and never short. */
const schema = ((): GraphQLSchema => {
  const built = schemaOfModules();
  for (const type of Object.values(built.getTypeMap())) {
    if (isAbstractType(type)) {
      type.resolveType = () => built.getPossibleTypes(type)[0]?.name;
    }
    if (!isObjectType(type) || isIntrospectionType(type)) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      const first = field.args.find(({ name }) => name === 'first');
      if (first !== undefined) {
        first.defaultValue = pageSize;
      }
      const isDecided =
        isLeafType(getNamedType(field.type)) &&
        type !== built.getMutationType() &&
        [...guardOf(type.extensions), ...guardOf(field.extensions)].some(({ kind }) => kind === 'record');
      field.resolve = (source: { size?: number }, args: { first?: number }) => {
        decided += isDecided ? 1 : 0;
        return full(field.type, source?.size ?? listSizeOf(field) ?? assumedListSize, args.first);
      };
    }
  }
  return built;
})();

/** As much as a field can answer. */
function full(type: GraphQLOutputType, size: number, first: number | undefined): unknown {
  if (isNonNullType(type)) {
    return full(type.ofType, size, first);
  }
  if (isListType(type)) {
    return Array.from({ length: size }, () => full(type.ofType, assumedListSize, undefined));
  }
  const named = getNamedType(type);
  if (isEnumType(named)) {
    return named.getValues()[0]?.value;
  }
  const scalars: Record<string, unknown> = { Boolean: true, Int: 1, String: 'x', ID: 'x', DateTime: new Date(0) };
  return scalars[named.name] ?? { size: first };
}

function objectsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return 0;
  }
  const below = Object.values(value).reduce((sum: number, each) => sum + objectsIn(each), 0);
  return Array.isArray(value) ? below : below + 1;
}

test(`D4, D5 the fullest answer to a query is what it costs, and none is more`, () => {
  let lists = 0;
  let conditional = 0;
  let decisions = 0;
  const property = fc.property(
    fc.array(fc.nat(1_000), { minLength: 80, maxLength: 160 }),
    fc.boolean(),
    (tape, plain) => {
      const { text, operationName, variables } = new DocumentWriter(schema, tape, new Set(), plain).write();
      const document = parse(text);
      expect(validate(schema, document)).toEqual([]);
      const operation = getOperationAST(document, operationName);
      if (operation == null) {
        throw new Error('The operation is not in its document.');
      }
      decided = 0;
      const { data, errors } = executeSync({ schema, document, operationName, variableValues: variables });
      expect(errors).toBeUndefined();
      const fields = operation.operation === 'mutation' ? Object.keys(data ?? {}).length : 0;
      // The object of the query itself stands for the request.
      const held = objectsIn(data) * prices.object + decided * prices.decision + fields * prices.mutation;
      const cost = costOf(schema, document, operation, variables);
      expect(cost).toBeGreaterThanOrEqual(held);
      if (!text.includes('node(id')) {
        expect(cost).toBe(held);
      }
      lists += held > 20 ? 1 : 0;
      decisions += decided > 0 ? 1 : 0;
      conditional += Object.keys(variables).length > 0 ? 1 : 0;
    },
  );
  fc.assert(property, { numRuns: runs });
  expect(Math.min(lists, conditional, decisions)).toBeGreaterThan(runs / 20);
});
