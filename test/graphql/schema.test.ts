import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  validateSchema,
} from 'graphql';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';

const { schema } = guardedSchema(modules);
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const objects = types.filter((type) => isObjectType(type) || isInterfaceType(type));

/** Every place that a client can see and that should say what it is, with what it says. */
function descriptions(type: GraphQLNamedType): [string, string | null | undefined][] {
  const own: [string, string | null | undefined][] = [[type.name, type.description]];
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      own.push([`${type.name}.${field.name}`, field.description]);
      own.push(
        ...field.args.map((arg) => [`${type.name}.${field.name}(${arg.name}:)`, arg.description] as [string, string]),
      );
    }
  } else if (isInputObjectType(type)) {
    own.push(
      ...Object.values(type.getFields()).map((f) => [`${type.name}.${f.name}`, f.description] as [string, string]),
    );
  } else if (isEnumType(type)) {
    own.push(...type.getValues().map((v) => [`${type.name}.${v.name}`, v.description] as [string, string]));
  }
  return own;
}

describe('the schema', () => {
  test('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  test('describes every type, field, argument and value', () => {
    const all = types.flatMap(descriptions);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(([, description]) => (description ?? '').trim() === '').map(([place]) => place)).toEqual([]);
  });

  test('offers the fields of the contract', () => {
    const names = (type: GraphQLNamedType | null | undefined) =>
      isObjectType(type) ? Object.keys(type.getFields()) : [];
    expect(names(schema.getQueryType())).toEqual(
      expect.arrayContaining('viewer abilities apiSettings apiTokens sessions node user post posts'.split(' ')),
    );
    expect(names(schema.getMutationType())).toEqual(
      expect.arrayContaining(
        'register login logout createApiToken updateApiToken deleteApiToken revokeCurrentApiToken issueApiToken updateApiSettings createPost updatePost deletePost'.split(
          ' ',
        ),
      ),
    );
    expect(names(schema.getType('Viewer'))).toEqual(
      expect.arrayContaining('kind user token abilities tokenCan'.split(' ')),
    );
  });

  test('has no field for anything secret but the one that shows a new token', () => {
    const fields = objects.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
    expect(fields.filter((field) => /password|hash|secret|plain/i.test(field.split('.')[1] ?? '')).sort()).toEqual([
      'Mutation.updatePassword',
      'NewApiToken.plainTextToken',
    ]);
  });

  test('every record with an id can be found by it', () => {
    const withId = objects.filter((type) => isObjectType(type) && 'id' in type.getFields());
    const node = schema.getType('Node');
    const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
    expect(withId.length).toBeGreaterThan(2);
    expect(withId.filter((type) => !nodes.some((one) => one === type)).map((type) => type.name)).toEqual([]);
  });

  test('every list of records that grows is a connection', () => {
    for (const type of objects.filter((one) => one.name.endsWith('Connection'))) {
      expect(Object.keys(type.getFields()).sort()).toEqual(['edges', 'nodes', 'pageInfo']);
    }
    expect(String(schema.getQueryType()?.getFields().posts?.type)).toBe('PostConnection!');
    expect(String(schema.getQueryType()?.getFields().apiTokens?.type)).toBe('ApiTokenConnection!');
  });
});
