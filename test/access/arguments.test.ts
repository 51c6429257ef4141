import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Client, publicIdOf, testServer } from '../helper.js';

const { schema } = guardedSchema(modules);
const server = testServer({ LOGIN_ATTEMPTS_PER_MINUTE: '1000', REGISTRATIONS_PER_ADDRESS: '1000' });
let administrator: Client;
let post: string;

type Field = GraphQLField<unknown, unknown>;
const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {}) as Field[];
const mutations = fieldsOf(schema.getMutationType());
const roots = [
  ...fieldsOf(schema.getQueryType()).map((field) => ({ operation: 'query', field })),
  ...mutations.map((field) => ({ operation: 'mutation', field })),
];
const taken = roots.flatMap(({ operation, field }) => field.args.map((argument) => ({ operation, field, argument })));

/** What a column of any table is called by whoever guesses it, as an argument and as a column. */
const columns = modules
  .flatMap((module) => module.entities ?? [])
  .flatMap((entity) => Object.keys((entity as unknown as { prototype: object }).prototype ?? {}));
const guesses = [
  ...new Set([
    ...columns,
    ...['userId', 'user_id', 'user', 'owner', 'ownerId', 'author', 'authorId', 'role', 'isAdmin', 'isAdministrator'],
    ...['is_administrator', 'administrator', 'disabledAt', 'passwordHash', 'password_hash', 'secretHash', 'createdAt'],
    ...[
      'updatedAt',
      'version',
      'id',
      'abilities',
      'expiresAt',
      'lastUsedAt',
      'input',
      'data',
      '__proto__',
      'constructor',
    ],
  ]),
];

beforeAll(async () => {
  await server().api(true);
  const boss = await server().administrator();
  administrator = await server().withSession(boss);
  post = publicIdOf.post(await server().post(boss));
});

/** A literal that fits an argument. */
function literal({ type: given, name }: GraphQLArgument): string {
  const type = isNonNullType(given) ? given.ofType : given;
  if (isListType(type)) {
    return '["read"]';
  }
  const known: Record<string, string> = {
    ID: `"${post}"`,
    Boolean: 'true',
    Int: '1',
    DateTime: '"2099-01-01T00:00:00Z"',
  };
  return known[getNamedType(type).name] ?? (name === 'email' ? '"new@example.com"' : '"a text that is long enough"');
}

function spelled({ operation, field }: { operation: string; field: Field }, given: string, variables = ''): string {
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return `${operation}${variables} { ${field.name}${given === '' ? '' : `(${given})`}${selection} }`;
}

const required = (field: Field, but?: string) =>
  field.args
    .filter(({ type, defaultValue, name }) => name !== but && isNonNullType(type) && defaultValue === undefined)
    .map((argument) => `${argument.name}: ${literal(argument)}`);

describe('Z7: what a mutation has no argument for', () => {
  test('has no other way in: no argument is an object', () => {
    expect(Object.values(schema.getTypeMap()).filter(isInputObjectType)).toEqual([]);
  });

  test.each(mutations.map((field) => [field.name, field] as const))('%s takes none of it', async (_name, field) => {
    const before = await server().contents();
    const unknown = guesses.filter((guess) => !field.args.some(({ name }) => name === guess));
    expect(unknown.length).toBeGreaterThan(15);
    for (const guess of unknown) {
      const given = [...required(field), `${guess}: "1"`].join(', ');
      const answer = await administrator.send(spelled({ operation: 'mutation', field }, given));
      expect([guess, answer.codes, answer.status]).toEqual([guess, ['GRAPHQL_VALIDATION_FAILED'], 400]);
    }
    expect(await server().contents()).toEqual(before);
  });

  test('is not taken from variables that the document does not name', async () => {
    const user = await server().user();
    const browser = await server().withSession(user);
    await browser.send('mutation ($name: String) { updateAccount(name: $name) { kind } }', {
      name: 'Renamed',
      isAdministrator: true,
      is_administrator: true,
      email: 'other@example.com',
      id: publicIdOf.user({ id: '01a2025c-c21e-7651-aa65-35edfbad985a' }),
    });
    const [row] = await server().sql('select name, email, is_administrator from users where id = $1', [user.id]);
    expect(row).toEqual({ name: 'Renamed', email: user.email, is_administrator: false });
  });

  test('is never copied onto a record: no feature assigns whole objects to one', () => {
    const sources = modules.flatMap(({ name }) =>
      readdirSync(join('src', name)).map((file) => join('src', name, file)),
    );
    expect(sources.length).toBeGreaterThan(30);
    const assigning = sources.filter((path) => /\bassign\(|\bwrap\(|\bupsert/.test(readFileSync(path, 'utf8')));
    expect(assigning).toEqual([]);
  });
});

describe('Z8: what a database would take for a condition', () => {
  const operators = fc.constantFrom('$ne', '$gt', '$like', '$re', '$in', '$or', '$and', '$not', '$exists', '$overlap');
  const condition = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, 0, '', '%', '.*'),
      fc.dictionary(operators, tie('value'), { minKeys: 1, maxKeys: 2 }),
      fc.array(tie('value'), { maxLength: 2 }),
    ),
  })).value;
  const asObject = fc.dictionary(operators, condition, { minKeys: 1, maxKeys: 2 });

  test('has no scalar of the schema to travel in', () => {
    const custom = Object.values(schema.getTypeMap()).filter(
      (type) => isScalarType(type) && !isSpecifiedScalarType(type),
    );
    expect(custom.map(({ name }) => name)).toEqual(['DateTime']);
  });

  const cases = taken.map((each) => [`${each.operation} ${each.field.name}(${each.argument.name}:)`, each] as const);

  test.each(cases)('is refused in %s', async (_name, { operation, field, argument }) => {
    const before = await server().contents();
    const given = [...required(field, argument.name), `${argument.name}: $value`].join(', ');
    const document = spelled({ operation, field }, given, `($value: ${argument.type})`);
    const literals = spelled({ operation, field }, given.replace('$value', '{ _ne: null }'));
    const refused = await administrator.send(literals);
    expect([refused.status, refused.data]).toEqual([400, undefined]);
    await fc.assert(
      fc.asyncProperty(asObject, async (object) => {
        for (const value of [object, [object]]) {
          const answer = await administrator.send(document, { value });
          expect([answer.codes, answer.status]).toEqual([['BAD_USER_INPUT'], 400]);
        }
      }),
      { numRuns: 4 },
    );
    expect(await server().contents()).toEqual(before);
  });
});
