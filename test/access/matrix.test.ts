import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GuardedField } from '../../src/access/tree.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Client, testServer } from '../helper.js';

const { schema, tree } = guardedSchema(modules);
const server = testServer();
const nodes = new Map(modules.flatMap((module) => module.nodes ?? []).map(({ type, policy }) => [type, policy]));
const nobody = '01a2025c-c21e-7651-aa65-35edfbad985a';
const anId = [...nodes.values()][0]?.id.encode(nobody) ?? '';

/** A value that a client could send for an argument. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) {
    return literal(type.ofType);
  }
  if (isListType(type)) {
    return `[${literal(type.ofType)}]`;
  }
  if (isEnumType(type)) {
    return type.getValues()[0]?.name ?? '';
  }
  const literals: Record<string, string> = {
    ID: `"${anId}"`,
    String: '"{ viewer { kind } }"',
    Int: '1',
    Boolean: 'true',
    DateTime: '"2099-01-01T00:00:00Z"',
  };
  const known = literals[type.name];
  if (known === undefined) {
    throw new Error(`The matrix has no literal for ${type.name}; give it one.`);
  }
  return known;
}

/** A selection of one field, with every argument that it must have. */
function spell(field: GraphQLField<unknown, unknown>, selection = '{ __typename }'): string {
  const given = field.args.filter((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined);
  const list = given.map((argument) => `${argument.name}: ${literal(argument.type)}`).join(', ');
  const composite = isObjectType(getNamedType(field.type)) || isInterfaceType(getNamedType(field.type));
  return `${field.name}${list === '' ? '' : `(${list})`}${composite ? ` ${selection}` : ''}`;
}

interface Route {
  readonly document: string;
  /** Every field on the way, the last one included. */
  readonly fields: readonly GuardedField[];
}

const query = schema.getQueryType() as GraphQLObjectType;
const mutation = schema.getMutationType() as GraphQLObjectType;

/** How an object type is reached: by node(id:), which asks for nothing itself, or over the fewest fields that hide nothing. */
function wayTo(type: GraphQLObjectType): ((selection: string) => Route) | null {
  const policy = nodes.get(type.name);
  if (policy !== undefined) {
    return (selection) => ({
      document: `{ node(id: "${policy.id.encode(nobody)}") { ... on ${type.name} { ${selection} } } }`,
      fields: [tree.field('Query', 'node')],
    });
  }
  const seen = new Set<string>();
  let front = [query, mutation].map((root) => ({
    type: root as GraphQLObjectType,
    wrap: (selection: string) => `${root === query ? 'query' : 'mutation'} { ${selection} }`,
    fields: [] as GuardedField[],
  }));
  while (front.length > 0) {
    const next: typeof front = [];
    for (const place of front) {
      if (place.type === type) {
        return (selection) => ({ document: place.wrap(selection), fields: place.fields });
      }
      for (const field of Object.values(place.type.getFields())) {
        const below = getNamedType(field.type);
        const guarded = tree.field(place.type.name, field.name);
        if (isObjectType(below) && !seen.has(below.name) && guarded.presence === null && !guarded.changesPrincipal) {
          seen.add(below.name);
          next.push({
            type: below,
            wrap: (selection) => place.wrap(spell(field, `{ ${selection} }`)),
            fields: [...place.fields, guarded],
          });
        }
      }
    }
    front = next;
  }
  return null;
}

const cases = [...tree.fields.values()].map((guarded) => {
  const [typeName = '', fieldName = ''] = guarded.coordinate.split('.');
  const type = schema.getType(typeName) as GraphQLObjectType;
  const field = type.getFields()[fieldName] as GraphQLField<unknown, unknown>;
  const route = wayTo(type)?.(spell(field));
  // `{ __typename }` below the field asks for the rules of its type.
  const below = getNamedType(field.type);
  const typeRules =
    isObjectType(below) && guarded.presence === null && !guarded.changesPrincipal
      ? (tree.typeRules.get(below.name) ?? [])
      : [];
  const rules = [...(route?.fields ?? []), guarded].flatMap((each) => each.principalRules).concat(typeRules);
  return { coordinate: guarded.coordinate, guarded, route, names: rules.map((rule) => rule.name) };
});

/** What the rules ask for, read off their names, so that a rule whose check does nothing is caught. */
const asksFor = (names: readonly string[]) => {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const unknown = names.filter(
    (name) =>
      !/^(open\(.+\)|authenticated|firstParty|bearer|administrator|apiEnabled|trustedOrigin|notNarrowed|introspection|tokenCan\(.+\))$/.test(
        name,
      ),
  );
  if (unknown.length > 0) {
    throw new Error(`The matrix does not know what ${unknown.join(', ')} asks for; tell it.`);
  }
  return {
    credential: has(/^(authenticated|firstParty|bearer|administrator|tokenCan\()/),
    session: has(/^firstParty$/),
    ability: has(/^tokenCan\(/),
    administrator: has(/^administrator$/),
    token: has(/^bearer$/),
  };
};

let unable: Client;
let session: Client;
let before: unknown;

beforeAll(async () => {
  await server().api(true);
  const user = await server().user();
  await server().post(user);
  unable = await server().actingAs(user, []);
  session = await server().withSession(user);
  before = await server().contents();
});

const restricted = cases.filter(({ names }) => asksFor(names).credential);

describe('the matrix', () => {
  test('reaches every field of the schema', () => {
    expect(cases.filter(({ route }) => route === undefined).map(({ coordinate }) => coordinate)).toEqual([]);
    expect(restricted.length).toBeGreaterThan(40);
  });

  test('covers every root field but those that are open to guests on purpose', () => {
    const open = cases.filter(
      ({ coordinate, names }) => /^(Query|Mutation)\./.test(coordinate) && !asksFor(names).credential,
    );
    expect(open.map(({ coordinate }) => coordinate).sort()).toEqual([
      'Mutation.issueApiToken',
      'Mutation.login',
      'Mutation.register',
      'Query.abilities',
      'Query.accessPlan',
      'Query.apiSettings',
      'Query.node',
      'Query.viewer',
    ]);
  });
});

describe.each(restricted)('$coordinate', ({ coordinate, guarded, route, names }) => {
  const asked = asksFor(names);
  const document = route?.document ?? '';

  test('is refused to a guest', async () => {
    const answer = await server().asGuest().send(document);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(Object.values(answer.data ?? {}).filter((value) => value !== null)).toEqual([]);
  });

  if (asked.session || asked.ability || asked.administrator) {
    const code = asked.session ? 'SESSION_REQUIRED' : asked.ability ? 'INSUFFICIENT_ABILITIES' : 'FORBIDDEN';

    test(`is refused to a token that can nothing: ${code}`, async () => {
      const answer = await unable.send(document);
      expect(answer.codes).toEqual([code]);
      expect(Object.values(answer.data ?? {}).filter((value) => value !== null)).toEqual([]);
      if (code === 'INSUFFICIENT_ABILITIES' && asksFor(guarded.principalRules.map((rule) => rule.name)).ability) {
        expect(answer.errors?.[0]?.extensions.coordinates).toContain(coordinate);
        for (const { abilities } of guarded.principalRules) {
          const [first] = abilities ?? [];
          expect(answer.errors?.[0]?.extensions.missing).toEqual(
            expect.arrayContaining(first === undefined ? [] : [first]),
          );
        }
      }
    });
  }

  if (asked.administrator || asked.token) {
    test('is refused to a session of no administrator', async () => {
      expect((await session.send(document)).codes).toEqual(['FORBIDDEN']);
    });
  }
});

test('no refusal of the matrix has written anything', async () => {
  expect(await server().contents()).toEqual(before);
});
