import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, getNullableType, isListType, type OperationDefinitionNode, parse } from 'graphql';
import { shapeOf } from '../../src/graphql/shape.js';
import { type Client, testServer } from '../helper.js';
import { schemaOfModules } from '../schema-of-modules.js';
import { watchStatements } from '../statements.js';

const server = testServer({ MAX_COST: '20000' });
let browser: Client;

/** Twenty users like one that there is, and a post and a token of everyone's for each that there is. */
async function multiply(): Promise<void> {
  await server().sql(`
    insert into users
    select (jsonb_populate_record(null::users, to_jsonb(u) || jsonb_build_object('id', fresh.id, 'email', fresh.id || '@example.com'))).*
    from (select * from users where not is_administrator limit 1) u,
      (select gen_random_uuid() as id from generate_series(1, 20)) fresh`);
  await server().sql(`
    insert into posts select (jsonb_populate_record(null::posts, to_jsonb(p) || jsonb_build_object('id', gen_random_uuid(), 'author_id', u.id))).*
    from posts p cross join users u`);
  await server().sql(`
    insert into api_tokens
    select (jsonb_populate_record(null::api_tokens, to_jsonb(t) || jsonb_build_object('id', gen_random_uuid(), 'user_id', u.id, 'secret_hash', gen_random_uuid()))).*
    from api_tokens t cross join users u`);
  await server().sql(`
    insert into audit_events select (jsonb_populate_record(null::audit_events, to_jsonb(e) || jsonb_build_object('id', gen_random_uuid(), 'actor_id', u.id, 'owner_id', u.id))).*
    from (select * from audit_events limit 1) e cross join users u`);
  await server().sql(`
    insert into sessions select (jsonb_populate_record(null::sessions, to_jsonb(s) || jsonb_build_object('id', gen_random_uuid(), 'secret_hash', gen_random_uuid()))).*
    from sessions s cross join users u`);
}

const documents: [string, string][] = [
  ['posts and their authors', '{ posts(first: 100) { nodes { title author { name } } } }'],
  ['edges', '{ posts(first: 100) { edges { cursor node { author { name } } } pageInfo { endCursor } } }'],
  [
    'posts, authors, their posts and those’ authors',
    '{ posts(first: 100) { nodes { author { posts(first: 5) { nodes { title author { name } } } } } } }',
  ],
  [
    'users, their posts and those’ authors',
    '{ users(first: 100) { nodes { name apiTokenCount lastActiveAt posts(first: 5) { nodes { author { name } } } } } }',
  ],
  [
    'tokens, their owners and their posts',
    '{ allApiTokens(first: 100) { nodes { name effectiveAbilities owner { email posts(first: 3) { nodes { title } } } } } }',
  ],
  [
    'events, who acted and whose they are',
    '{ auditEvents(first: 100) { nodes { actor { email lastActiveAt } owner { posts(first: 2) { nodes { author { name } } } } changes { name } } } }',
  ],
  ['tokens of one’s own', '{ apiTokens(first: 100) { nodes { effectiveAbilities expiresAt owner { name } } } }'],
  ['sessions', '{ sessions { id isCurrent } }'],
  ['abilities', '{ abilities { name isDefault unlocks } }'],
  ['a list and another', '{ posts(first: 100) { nodes { author { name } } } users(first: 100) { nodes { name } } }'],
];

describe('D14 the number of statements', () => {
  const few = new Map<string, number>();

  async function statementsFor(document: string): Promise<number> {
    await browser.send('{ viewer { kind } }');
    await server().app.services.usage.flush();
    const statements = await watchStatements(server());
    try {
      expect((await browser.send(document)).errors).toBeUndefined();
      return statements.since();
    } finally {
      statements.stop();
    }
  }

  beforeAll(async () => {
    await server().api(true);
    const administrator = await server().administrator();
    browser = await server().withSession(administrator);
    for (const user of [administrator, ...(await Promise.all([server().user(), server().user()]))]) {
      await server().post(user);
      await server().actingAs(user, ['read']);
    }
    for (const [name, document] of documents) {
      few.set(name, await statementsFor(document));
    }
    await multiply();
  });

  test('D14 is watched for every list that a query begins with', () => {
    const lists = Object.values(schemaOfModules().getQueryType()?.getFields() ?? {}).filter(
      ({ type }) => isListType(getNullableType(type)) || getNamedType(type).name.endsWith('Connection'),
    );
    expect(lists.length).toBeGreaterThan(6);
    expect(
      lists
        .map(({ name }) => name)
        .filter(
          (name) => !documents.some(([, document]) => document.includes(`${name}(`) || document.includes(`${name} `)),
        ),
    ).toEqual([]);
  });

  test.each(documents)('D14 of %s does not grow with the rows', async (name, document) => {
    const many = await statementsFor(document);
    expect(many).toBe(few.get(name));
    const [operation] = parse(document).definitions as [OperationDefinitionNode];
    expect(many).toBeLessThanOrEqual(shapeOf(operation, () => null).depth);
  });
});
