import { beforeAll, describe, expect, test } from '@jest/globals';
import { AccessPlanDocument } from '../../schema/documents.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, TestServer, testServer } from '../helper.js';

const server = testServer();
let user: User;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

async function plan(client: Client, document: string, operationName?: string, preferCoarse?: boolean) {
  const answer = await client.send(AccessPlanDocument, { document, operationName, preferCoarse });
  expect(answer.errors).toBeUndefined();
  return answer.data.accessPlan;
}

const posts = '{ posts { nodes { id title author { email } } } }';

describe('accessPlan', () => {
  test('names every coordinate with its rules, the abilities that suffice and the policies that are left', async () => {
    const answer = await plan(server().asGuest(), posts);
    expect(answer).toMatchObject({
      valid: true,
      errors: [],
      sets: [['post:read', 'user:read']],
      firstParty: false,
      administrator: false,
      policies: ['User.viewEmail: Only the user or an administrator.'],
    });
    expect(answer.coordinates).toContainEqual({
      coordinate: 'User.email',
      rules: ['Requires `user:read`.', 'Only the user or an administrator.'],
      abilities: ['user:read'],
      onType: null,
    });
  });

  test('tells what the one who asks has and lacks, and reads no data for it', async () => {
    const before = await server().contents();
    expect(await plan(server().asGuest(), posts)).toMatchObject({ granted: [], missing: ['post:read', 'user:read'] });
    expect(await plan(await server().actingAs(user, ['post:read']), posts)).toMatchObject({
      granted: ['post:read'],
      missing: ['user:read'],
    });
    expect(await plan(await server().actingAs(user, ['read']), posts)).toMatchObject({ missing: [] });
    expect(await plan(await server().withSession(user), posts)).toMatchObject({ missing: [] });
    expect(((await server().contents()) as any).posts).toEqual((before as any).posts);
  });

  test('prefers the coarse abilities only when asked', async () => {
    const document = 'mutation { updatePost(id: "x") { id } deletePost(id: "x") }';
    expect((await plan(server().asGuest(), document)).sets).toEqual([['post:delete', 'post:read', 'post:update']]);
    expect((await plan(server().asGuest(), document, undefined, true)).sets).toEqual([['delete', 'read', 'update']]);
  });

  test('needs nothing where everything is open, and no token where only a session will do', async () => {
    expect((await plan(server().asGuest(), '{ viewer { kind } apiSettings { enabled } }')).sets).toEqual([[]]);
    expect(await plan(server().asGuest(), '{ apiTokens { nodes { id } } posts { nodes { id } } }')).toMatchObject({
      sets: [],
      firstParty: true,
    });
    expect(await plan(server().asGuest(), 'mutation { updateApiSettings(enabled: true) { enabled } }')).toMatchObject({
      sets: [['settings:update']],
      administrator: true,
    });
  });

  test('counts every type that an abstract field may have, and both ways of a variable', async () => {
    const onNode = await plan(server().asGuest(), 'query ($id: ID!) { node(id: $id) { id ... on Post { title } } }');
    expect(onNode.sets).toEqual([['post:read', 'user:read']]);
    expect(onNode.coordinates).toContainEqual(expect.objectContaining({ coordinate: 'Post.title', onType: 'Post' }));
    expect(onNode.firstParty).toBe(false);
    const conditional = 'query ($on: Boolean!) { viewer { kind } posts @include(if: $on) { nodes { id } } }';
    expect((await plan(server().asGuest(), conditional)).sets).toEqual([['post:read']]);
    const never = '{ viewer { kind } posts @include(if: false) { nodes { id } } }';
    expect((await plan(server().asGuest(), never)).sets).toEqual([[]]);
  });

  test('leads to the page that creates a token with the shortest of the sets', async () => {
    const path = async (document: string, ...more: [string?, boolean?]) =>
      (await plan(server().asGuest(), document, ...more)).createTokenPath;
    expect(await path(posts)).toBe('/tokens/new?name=query&abilities=post:read,user:read');
    const several = 'query Titles { posts { nodes { title } } } mutation Gone { deletePost(id: "x") }';
    expect(await path(several, 'Titles')).toBe('/tokens/new?name=Titles&abilities=post:read');
    expect(await path(several, 'Gone')).toBe('/tokens/new?name=Gone&abilities=post:delete');
    expect(await path(several, 'Gone', true)).toBe('/tokens/new?name=Gone&abilities=delete');
    expect(await path('{ viewer { kind } }')).toBe('/tokens/new?name=query&abilities=');
    expect(await path('{ apiTokens { nodes { id } } posts { nodes { id } } }')).toBeNull();
    expect(await path('{ posts { nodes { secret } } }')).toBeNull();
    expect(await path(several)).toBeNull();
  });

  test('plans the operation that is named', async () => {
    const document = 'query A { viewer { kind } } mutation B { deletePost(id: "x") }';
    expect(await plan(server().asGuest(), document, 'A')).toMatchObject({ operationName: 'A', sets: [[]] });
    expect(await plan(server().asGuest(), document, 'B')).toMatchObject({
      operationName: 'B',
      sets: [['post:delete']],
    });
    expect(await plan(server().asGuest(), document)).toMatchObject({
      valid: false,
      errors: [{ message: 'Name one of its operations.' }],
    });
    expect(await plan(server().asGuest(), document, 'C')).toMatchObject({ valid: false });
  });

  test.each([
    ['that does not parse', '{ posts {', 'Syntax Error'],
    ['that does not fit the schema', '{ posts { nodes { secret } } }', 'Cannot query field "secret"'],
    ['that is too large', `{ ${'viewer { kind } '.repeat(400)} }`, 'the limit is 1000'],
    ['that is empty', '', 'Syntax Error'],
  ])('answers a document %s with its errors as data', async (_, document, message) => {
    const answer = await plan(server().asGuest(), document);
    expect(answer.valid).toBe(false);
    expect(answer.sets).toEqual([]);
    expect(answer.errors[0]?.message).toContain(message);
  });

  test('is told in production to those who may read the schema only', async () => {
    const production = await TestServer.start({ NODE_ENV: 'production' });
    try {
      await production.api(true);
      const refused = await production.asGuest().send(AccessPlanDocument, { document: posts });
      expect(refused.codes).toEqual(['UNAUTHENTICATED']);
      const token = await production.actingAs(await production.user(), []);
      expect((await plan(token, posts)).missing).toEqual(['post:read', 'user:read']);
    } finally {
      await production.stop();
    }
  });

  test('keeps its word: a token with a set that it names is not refused for want of an ability', async () => {
    const [set = []] = (await plan(server().asGuest(), posts)).sets;
    const able = await (await server().actingAs(user, [...set])).send(posts);
    expect(able.codes).not.toContain('INSUFFICIENT_ABILITIES');
    for (const left of set) {
      const less = await server().actingAs(
        user,
        set.filter((ability) => ability !== left),
      );
      expect((await less.send(posts)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    }
  });
});
