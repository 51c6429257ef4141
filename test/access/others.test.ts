import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { v4 } from 'uuid';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { auditEventId } from '../../src/auth/audit-event.entity.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';

const { schema } = guardedSchema(modules);
const server = testServer();
const hiddenKinds = ['draft', 'token', 'session', 'event'] as const;
type Kind = (typeof hiddenKinds)[number] | 'user';

const encode: Record<Kind, (id: string) => string> = {
  draft: (id) => publicIdOf.post({ id }),
  token: (id) => apiTokenId.encode(id),
  session: (id) => sessionId.encode(id),
  event: (id) => auditEventId.encode(id),
  user: (id) => publicIdOf.user({ id }),
};

/** Every argument of the schema that names a record, and the hidden records that it could name. */
const places: Record<
  string,
  | { readonly kinds: readonly Kind[]; readonly document: string; readonly list?: true }
  | 'visible to everyone'
  | 'for administrators'
> = {
  'Query.node(id:)': { kinds: hiddenKinds, document: 'query ($id: ID!) { node(id: $id) { __typename id } }' },
  'Query.auditEvents(subject:)': {
    kinds: ['token', 'session', 'user'],
    document: 'query ($id: ID!) { auditEvents(subject: $id) { nodes { id } pageInfo { hasNextPage endCursor } } }',
    list: true,
  },
  'Query.auditEvents(user:)': {
    kinds: ['user'],
    document: 'query ($id: ID!) { auditEvents(user: $id) { nodes { id } pageInfo { hasNextPage endCursor } } }',
    list: true,
  },
  'Query.post(id:)': { kinds: ['draft'], document: 'query ($id: ID!) { post(id: $id) { title } }' },
  'Query.posts(author:)': 'visible to everyone',
  'Query.user(id:)': 'visible to everyone',
  'Query.allApiTokens(owner:)': 'for administrators',
  'Mutation.deleteApiToken(id:)': { kinds: ['token'], document: 'mutation ($id: ID!) { deleteApiToken(id: $id) }' },
  'Mutation.deletePost(id:)': { kinds: ['draft'], document: 'mutation ($id: ID!) { deletePost(id: $id) }' },
  'Mutation.revokeApiToken(id:)': 'for administrators',
  'Mutation.revokeSession(id:)': { kinds: ['session'], document: 'mutation ($id: ID!) { revokeSession(id: $id) }' },
  'Mutation.updateApiToken(id:)': {
    kinds: ['token'],
    document: 'mutation ($id: ID!) { updateApiToken(id: $id, name: "Mine", abilities: []) { id } }',
  },
  'Mutation.updatePost(id:)': {
    kinds: ['draft'],
    document: 'mutation ($id: ID!) { updatePost(id: $id, title: "Mine", published: true) { id title } }',
  },
  'Mutation.updateUser(id:)': 'for administrators',
};

const cases = Object.entries(places).flatMap(([place, at]) =>
  typeof at === 'string'
    ? []
    : at.kinds.map((kind) => ({ place, kind, document: at.document, list: at.list ?? false })),
);

let ada: User;
let bob: User;
let bobSession: Client;
let bobProgram: Client;
let hidden: Record<Kind, string>;

beforeAll(async () => {
  await server().api(true);
  ada = await server().user();
  bob = await server().user();
  await server().post(ada, { title: 'Published' });
  const draft = await server().post(ada, { published: false });
  await server().withSession(ada);
  await server().actingAs(ada, ['read']);
  const [session] = await server().sql('select id from sessions where user_id = $1', [ada.id]);
  const [token] = await server().sql('select id from api_tokens where user_id = $1', [ada.id]);
  const adaSession = await server().withSession(ada);
  await adaSession.send('mutation ($id: ID!) { updateApiToken(id: $id, name: "Renamed") { id } }', {
    id: apiTokenId.encode(token?.id),
  });
  const [event] = await server().sql('select id from audit_events where subject_id = $1', [token?.id]);
  hidden = { draft: draft.id, session: session?.id, token: token?.id, event: event?.id, user: ada.id };
  bobSession = await server().withSession(bob);
  const all = server().app.services.catalogue.entries.map(({ name }) => name);
  bobProgram = await server().actingAs(bob, all);
  await server().withSession(bob);
});

/** Tokens are told first that sessions and the management of tokens are not for them. */
function ofProgram({ place, kind }: { place: string; kind: Kind }): string {
  const forSessions =
    kind === 'session' ||
    kind === 'event' ||
    place.startsWith('Query.auditEvents') ||
    (kind === 'token' && place.startsWith('Mutation.'));
  return forSessions ? 'SESSION_REQUIRED' : 'NOT_FOUND';
}

/** A UUID so many places further on, as someone who counts would try it. */
function beside(id: string, step: bigint): string {
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + step).toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

describe('Z4: the records of others by their ids', () => {
  test('are tried at every argument that names a record', () => {
    const named = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values((type as GraphQLObjectType).getFields()).flatMap((field) =>
        field.args
          .filter((argument) => getNamedType(argument.type).name === 'ID')
          .map((argument) => `${type?.name}.${field.name}(${argument.name}:)`),
      ),
    );
    expect(Object.keys(places).sort()).toEqual(named.sort());
    const below = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && type !== schema.getQueryType() && type !== schema.getMutationType(),
    ) as GraphQLObjectType[];
    const inside = below.flatMap((type) => Object.values(type.getFields())).flatMap(({ args }) => args);
    expect(inside.filter((argument) => getNamedType(argument.type).name === 'ID')).toEqual([]);
  });

  test.each(cases)('$place: the $kind of another, its neighbours and a random one get one answer', async (at) => {
    const { kind, document } = at;
    const own = hidden[kind];
    const before = await server().contents();
    for (const client of [bobSession, bobProgram]) {
      const answers = [];
      for (const id of [own, beside(own, 1n), beside(own, -1n), beside(own, 1n << 64n), v4()]) {
        answers.push(await client.send(document, { id: encode[kind](id) }));
      }
      for (const answer of answers) {
        expect([answer.status, answer.text]).toEqual([answers[0]?.status, answers[0]?.text]);
        expect(answer.codes).toEqual(client === bobSession ? (at.list ? [] : ['NOT_FOUND']) : [ofProgram(at)]);
        expect([...answer.headers.keys()]).toEqual([...(answers[0]?.headers.keys() ?? [])]);
      }
    }
    expect(await server().contents()).toEqual(before);
  });

  test.each(cases)('$place: the $kind of another takes as many statements as one that does not exist', async (at) => {
    const { kind, document } = at;
    await bobSession.send(document, { id: encode[kind](v4()) });
    const statements = await watchStatements(server());
    try {
      await bobSession.send(document, { id: encode[kind](hidden[kind]) });
      const forHidden = statements.since();
      await bobSession.send(document, { id: encode[kind](v4()) });
      expect(statements.since()).toBe(forHidden);
      expect(forHidden).toBeGreaterThan(0);
    } finally {
      statements.stop();
    }
  });
});

describe('Z4: the records of others in lists', () => {
  const everyList = `query ($after: String) {
    posts(first: 50, after: $after) { nodes { id published author { id } } pageInfo { hasNextPage } }
    apiTokens(first: 50, after: $after) { nodes { id owner { id } } pageInfo { hasNextPage } }
    sessions { id }
  }`;

  test('are none of one’s own, whatever cursor of theirs one goes on behind', async () => {
    const mine = (await server().sql('select id from sessions where user_id = $1', [bob.id])).map(({ id }) =>
      sessionId.encode(id),
    );
    const adaSession = await server().withSession(ada);
    const theirs = await adaSession.send(
      '{ posts { edges { cursor } } apiTokens { edges { cursor } } viewer { user { posts { edges { cursor } } } } }',
    );
    const cursors = JSON.stringify(theirs.data).match(/(?<="cursor":")[^"]+/g) ?? [];
    expect(cursors.length).toBeGreaterThan(3);
    for (const after of [null, ...new Set(cursors)]) {
      const { data, errors } = await bobSession.send(everyList, { after });
      expect(errors).toBeUndefined();
      for (const post of data.posts.nodes) {
        expect(post.published || post.author.id === publicIdOf.user(bob)).toBe(true);
      }
      expect(data.apiTokens.nodes.filter((token: any) => token.owner.id !== publicIdOf.user(bob))).toEqual([]);
      expect(data.sessions.map(({ id }: { id: string }) => id).sort()).toEqual(mine.sort());
    }
  });

  test('are neither counted nor announced by another page', async () => {
    const carl = await server().user();
    await server().post(carl, { published: true });
    const shown =
      'query ($id: ID!) { posts(author: $id, first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    const before = await bobSession.send(shown, { id: publicIdOf.user(carl) });
    await server().post(carl, { published: false });
    const [first] = await server().sql('select min(created_at) as at from posts where author_id = $1', [carl.id]);
    // An older draft, too, which a page behind the published post would begin with.
    await server().post(carl, { published: false });
    await server().sql(
      `update posts set id = '01000000-0000-7000-8000-000000000001', created_at = $2
       where id = (select id from posts where author_id = $1 and not published order by id desc limit 1)`,
      [carl.id, first?.at],
    );
    const after = await bobSession.send(shown, { id: publicIdOf.user(carl) });
    expect(after.text).toBe(before.text);
    expect(after.data.posts.pageInfo.hasNextPage).toBe(false);
    const limits = '{ viewer { apiTokenLimits { count } } }';
    const counted = (await bobSession.send(limits)).data.viewer.apiTokenLimits.count;
    await server().actingAs(carl, []);
    expect((await bobSession.send(limits)).data.viewer.apiTokenLimits.count).toBe(counted);
    const count = await bobSession.send('query ($id: ID!) { user(id: $id) { apiTokenCount } }', {
      id: publicIdOf.user(carl),
    });
    expect([count.codes, count.data]).toEqual([['FORBIDDEN'], { user: { apiTokenCount: null } }]);
  });

  test('are not found by what is searched for in one’s own', async () => {
    await server().sql(`update api_tokens set name = 'Needle' where user_id = $1`, [ada.id]);
    const found = await bobSession.send('{ apiTokens(search: "needle") { nodes { id } } }');
    expect(found.data.apiTokens.nodes).toEqual([]);
  });
});
