import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { type FragmentDefinitionNode, type GraphQLError, getOperationAST, parse, validate } from 'graphql';
import { clear } from '../../src/access/enforce.js';
import { withDefaults } from '../../src/access/preflight.js';
import { guest, type Principal } from '../../src/auth/principal.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { facts, person, session, token, undecided } from './fixture.js';

const { schema, planner } = guardedSchema(modules);
const unable = token(person(), []);

interface Asked {
  variables?: Record<string, unknown>;
  operationName?: string;
  principal?: Principal;
  context?: Parameters<typeof undecided>[1];
}

/** The refusal of a document before anything of it runs, or null. */
async function refusalOf(source: string, asked: Asked = {}): Promise<GraphQLError | null> {
  const document = parse(source);
  expect(validate(schema, document).map((error) => error.message)).toEqual([]);
  const operation = getOperationAST(document, asked.operationName);
  if (operation == null) {
    throw new Error('There is no such operation.');
  }
  const fragments = Object.fromEntries(
    document.definitions.flatMap((definition) =>
      definition.kind === 'FragmentDefinition' ? [[definition.name.value, definition as FragmentDefinitionNode]] : [],
    ),
  );
  const context = undecided(asked.principal ?? unable, asked.context);
  try {
    await clear(planner, context, operation, fragments, withDefaults(operation, asked.variables ?? {}));
    return null;
  } catch (error) {
    expect(context.clearance).toBeNull();
    return error as GraphQLError;
  }
}

/** The coordinates for which a token that can nothing is refused. */
const refused = async (source: string, asked?: Asked) =>
  ((await refusalOf(source, asked))?.extensions.coordinates as string[] | undefined) ?? [];

describe('a document is refused for everything that it selects', () => {
  test.each<[string, string, string[]]>([
    ['a field', '{ posts { nodes { title } } }', ['Post.title', 'Query.posts']],
    ['an alias', '{ viewer { kind } kind: posts { viewer: pageInfo { hasNextPage } } }', ['Query.posts']],
    [
      'a named fragment',
      '{ posts { ...Page } } fragment Page on PostConnection { nodes { body } }',
      ['Post.body', 'Query.posts'],
    ],
    [
      'a fragment in a fragment',
      `{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { user { ...C } }
       fragment C on User { name }`,
      ['User.name'],
    ],
    [
      'an inline fragment',
      '{ ... on Query { posts { ... on PostConnection { edges { cursor } } } } }',
      ['Query.posts'],
    ],
    ['an inline fragment without a type', '{ viewer { ... { user { ... { createdAt } } } } }', ['User.createdAt']],
    ['a fragment on an interface', '{ viewer { user { ... on Node { id } } } }', ['User.id']],
    [
      'a fragment on an interface in which the type comes back',
      '{ viewer { user { ... on Node { ... on User { name } ... on Post { title } } } } }',
      ['User.name'],
    ],
    [
      'one fragment used for two types',
      `{ viewer { user { ...Id posts { nodes { ...Id } } } } } fragment Id on Node { id }`,
      ['Post.id', 'User.id', 'User.posts'],
    ],
    ['__typename alone', '{ viewer { user { __typename } } }', ['User.__typename']],
    ['__typename under an alias', '{ posts { nodes { type: __typename } } }', ['Post.__typename', 'Query.posts']],
    [
      'the payload of a mutation',
      'mutation { createPost(title: "T", body: "") { author { posts { nodes { title } } } } }',
      ['Mutation.createPost', 'Post.author', 'Post.title', 'User.posts'],
    ],
    [
      'the last of many fields',
      '{ viewer { kind abilities } apiSettings { enabled } abilities { name } apiSettings { updatedAt } }',
      ['ApiSettings.updatedAt'],
    ],
    [
      'a field selected twice, once',
      '{ posts { totals: nodes { id } } again: posts { nodes { id } } }',
      ['Post.id', 'Query.posts'],
    ],
    [
      'a field with both directives',
      '{ posts @skip(if: false) @include(if: true) { nodes { id } } }',
      ['Post.id', 'Query.posts'],
    ],
  ])('%s', async (_name, source, coordinates) => {
    expect(await refused(source)).toEqual(coordinates);
  });

  test('fields of aliases are told by coordinate, whatever the order of the aliases', async () => {
    const one = await refused('{ x: viewer { user { name } } y: viewer { kind } posts { nodes { id } } }');
    const other = await refused('{ posts { nodes { id } } y: viewer { kind } x: viewer { user { name } } }');
    expect(one).toEqual(other);
    expect(one).toEqual(['Post.id', 'Query.posts', 'User.name']);
  });

  test('a fragment that nothing uses, or on a type that cannot stand there, asks for nothing', async () => {
    expect(await refused('{ viewer { kind ... on Viewer { kind } } }')).toEqual([]);
    expect(await refused('{ viewer { user { ... on Node { ... on Post { title } } } } }')).toEqual([]);
  });

  test('what stands below a field that is null for the one who asks is not asked for', async () => {
    const source = '{ viewer { user { id name email } token { id } } }';
    expect(await refusalOf(source, { principal: guest })).toBeNull();
    expect(await refusalOf(source, { principal: session(person()) })).toBeNull();
    expect(await refused(source)).toEqual(['User.email', 'User.id', 'User.name']);
  });

  test('a field that is null here and selected elsewhere is asked for elsewhere', async () => {
    const source = '{ viewer { user { name } } user(id: "x") { name } }';
    expect((await refusalOf(source, { principal: guest }))?.extensions.code).toBe('UNAUTHENTICATED');
    const other = '{ user(id: "x") { name } viewer { user { name } } }';
    expect((await refusalOf(other, { principal: guest }))?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('each distinct rule is decided once a document', async () => {
    let asked = 0;
    const counting = undecided(session(person())).api;
    const refusal = await refusalOf('{ a: apiTokens { nodes { id } } b: apiTokens { nodes { id } } }', {
      principal: session(person()),
      context: {
        api: () => {
          asked += 1;
          return counting();
        },
      },
    });
    expect(refusal).toBeNull();
    expect(asked).toBe(1);
  });
});

describe('of several operations only the chosen one counts', () => {
  const source = `
    query Open { viewer { kind } }
    query Closed { posts { nodes { id } } }
    mutation Write { createPost(title: "T", body: "") { ...P } }
    fragment P on Post { title }`;

  test.each<[string, string[]]>([
    ['Open', []],
    ['Closed', ['Post.id', 'Query.posts']],
    ['Write', ['Mutation.createPost', 'Post.title']],
  ])('%s', async (operationName, coordinates) => {
    expect(await refused(source, { operationName })).toEqual(coordinates);
  });
});

describe('@skip and @include', () => {
  const viewer = (directives: string) => `{ viewer { kind user ${directives} { name } } }`;
  const query = (definition: string, directives: string) => `query (${definition}) ${viewer(directives)}`;

  test.each<[string, string, string[]]>([
    ['included', '@include(if: true)', ['User.name']],
    ['not included', '@include(if: false)', []],
    ['skipped', '@skip(if: true)', []],
    ['not skipped', '@skip(if: false)', ['User.name']],
    ['included and skipped', '@include(if: true) @skip(if: true)', []],
    ['neither', '@include(if: false) @skip(if: true)', []],
  ])('by a literal: %s', async (_name, directives, coordinates) => {
    expect(await refused(viewer(directives))).toEqual(coordinates);
  });

  test.each<[string, string, string, Record<string, unknown>, string[]]>([
    ['included', '$a: Boolean!', '@include(if: $a)', { a: true }, ['User.name']],
    ['not included', '$a: Boolean!', '@include(if: $a)', { a: false }, []],
    ['skipped', '$a: Boolean!', '@skip(if: $a)', { a: true }, []],
    ['not skipped', '$a: Boolean!', '@skip(if: $a)', { a: false }, ['User.name']],
    ['included by default', '$a: Boolean! = true', '@include(if: $a)', {}, ['User.name']],
    ['not included by default', '$a: Boolean! = false', '@include(if: $a)', {}, []],
    ['skipped by default', '$a: Boolean = true', '@skip(if: $a)', {}, []],
    ['included against the default', '$a: Boolean! = false', '@include(if: $a)', { a: true }, ['User.name']],
    ['not included against the default', '$a: Boolean! = true', '@include(if: $a)', { a: false }, []],
    ['undefined, so by default', '$a: Boolean! = false', '@include(if: $a)', { a: undefined }, []],
    [
      'by two variables, one closed',
      '$a: Boolean!, $b: Boolean!',
      '@include(if: $a) @skip(if: $b)',
      { a: true, b: true },
      [],
    ],
    [
      'by two variables, open',
      '$a: Boolean!, $b: Boolean!',
      '@include(if: $a) @skip(if: $b)',
      { a: true, b: false },
      ['User.name'],
    ],
    ['by one variable against itself', '$a: Boolean!', '@include(if: $a) @skip(if: $a)', { a: true }, []],
  ])('by a variable: %s', async (_name, definition, directives, variables, coordinates) => {
    expect(await refused(query(definition, directives), { variables })).toEqual(coordinates);
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['missing', '$a: Boolean!', {}],
    ['null', '$a: Boolean!', { a: null }],
    ['null against a default', '$a: Boolean = false', { a: null }],
    ['a number', '$a: Boolean!', { a: 0 }],
    ['a text', '$a: Boolean!', { a: 'false' }],
    ['a list', '$a: Boolean!', { a: [false] }],
    ['an object', '$a: Boolean!', { a: {} }],
    ['given under a name that every object has', '$constructor: Boolean!', {}],
    ['given under the name of the prototype', '$__proto__: Boolean!', JSON.parse('{"__proto__": {"a": false}}')],
  ])('a variable that is %s leaves the field in, so a doubt opens nothing', async (_name, definition, variables) => {
    const name = /\$\w+/.exec(definition)?.[0];
    expect(await refused(query(definition, `@include(if: ${name})`), { variables })).toEqual(['User.name']);
    expect(await refused(query(definition, `@skip(if: ${name})`), { variables })).toEqual(['User.name']);
  });

  test('on a fragment they count for all that stands in it', async () => {
    const source = `query ($a: Boolean!) { viewer { ...F @include(if: $a) ... @skip(if: $a) { kind } } }
      fragment F on Viewer { user { name } }`;
    expect(await refused(source, { variables: { a: false } })).toEqual([]);
    expect(await refused(source, { variables: { a: true } })).toEqual(['User.name']);
  });

  test('a field that is left out once and selected once is selected', async () => {
    const variables = { a: false };
    const first = 'query ($a: Boolean!) { viewer { user @include(if: $a) { name } user { name } } }';
    const second = 'query ($a: Boolean!) { viewer { user { name } user @include(if: $a) { name } } }';
    const spread = `query ($a: Boolean!) { viewer { ...F @include(if: $a) ...F } } fragment F on Viewer { user { name } }`;
    for (const source of [first, second, spread]) {
      expect(await refused(source, { variables })).toEqual(['User.name']);
    }
  });

  test('one document asked with other variables is decided anew', async () => {
    const document = query('$a: Boolean!', '@include(if: $a)');
    const operation = getOperationAST(parse(document));
    if (operation == null) {
      throw new Error('There is no operation.');
    }
    await clear(planner, undecided(unable), operation, {}, { a: false });
    await expect(clear(planner, undecided(unable), operation, {}, { a: true })).rejects.toMatchObject({
      extensions: { coordinates: ['User.name'] },
    });
  });
});

describe('which refusal is told', () => {
  const all = '{ sessions { id } posts { nodes { id } } apiSettings { updatedAt } }';

  test('a guest learns that it needs a credential, and of no ability', async () => {
    const refusal = await refusalOf(all, { principal: guest });
    expect(refusal?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('a token learns first that only a session may do it', async () => {
    expect((await refusalOf(all))?.extensions).toEqual({ code: 'SESSION_REQUIRED' });
  });

  test('a token learns what it lacks before that its owner is no administrator', async () => {
    const refusal = await refusalOf('{ posts { nodes { id } } apiSettings { updatedAt } }');
    expect(refusal?.extensions).toMatchObject({
      code: 'INSUFFICIENT_ABILITIES',
      missing: ['post:read', 'settings:read'],
    });
  });

  test('a session of no administrator is refused as such', async () => {
    const refusal = await refusalOf(all, { principal: session(person()) });
    expect(refusal?.extensions.code).toBe('FORBIDDEN');
    expect(refusal?.message).toBe('Only an administrator may do this.');
    const administrator = session(person({ isAdministrator: true }));
    expect(await refusalOf(all, { principal: administrator })).toBeNull();
  });

  test('a session is refused what only a token does to itself', async () => {
    const refusal = await refusalOf('mutation { revokeCurrentApiToken }', { principal: session(person()) });
    expect(refusal?.extensions.code).toBe('FORBIDDEN');
    expect(await refusalOf('mutation { revokeCurrentApiToken }')).toBeNull();
  });

  test('while the API is off, management of tokens is refused to a session', async () => {
    const off = { api: async () => ({ enabled: false, defaultAbilities: [], maximumTokenLifetimeDays: null }) };
    const source = '{ apiTokens { nodes { id } } }';
    const asked = { principal: session(person()), context: off };
    expect((await refusalOf(source, asked))?.extensions.code).toBe('API_DISABLED');
    expect((await refusalOf(source, { ...asked, principal: guest }))?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('a sign-in that a foreign page sends is refused as forged, whatever else is in the document', async () => {
    const context = { request: { ...facts, trustedOrigin: false } };
    const source = 'mutation { login(email: "a@b.c", password: "x") { kind } createPost(title: "T", body: "") { id } }';
    for (const principal of [guest, unable, session(person())]) {
      expect((await refusalOf(source, { principal, context }))?.extensions).toEqual({ code: 'CSRF_REFUSED' });
    }
  });

  test('in production the schema is for those who are known', async () => {
    const closed = { openIntrospection: false };
    for (const source of [
      '{ __schema { queryType { name } } }',
      '{ viewer { kind } t: __type(name: "Post") { name } }',
    ]) {
      const refusal = await refusalOf(source, { principal: guest, context: closed });
      expect(refusal?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
      expect(await refusalOf(source, { principal: guest })).toBeNull();
      expect(await refusalOf(source, { context: closed })).toBeNull();
    }
    expect(await refusalOf('{ __typename }', { principal: guest, context: closed })).toBeNull();
  });

  test('any ability that implies the one that is asked for will do', async () => {
    const source = '{ posts { nodes { title author { name } } } apiSettings { updatedAt } }';
    const { catalogue } = guardedSchema(modules);
    const administrator = person({ isAdministrator: true });
    expect(await refusalOf(source, { principal: token(administrator, ['read'], catalogue) })).toBeNull();
    const wildcard = await refusalOf(source, { principal: token(person(), ['*'], catalogue) });
    expect(wildcard?.extensions).toMatchObject({ missing: ['settings:read'], granted: ['*'] });
    const partly = await refusalOf(source, { principal: token(administrator, ['post:read'], catalogue) });
    expect(partly?.extensions).toMatchObject({
      required: [['post:read', 'settings:read', 'user:read']],
      granted: ['post:read'],
      missing: ['settings:read', 'user:read'],
      coordinates: ['ApiSettings.updatedAt', 'User.name'],
    });
  });
});
