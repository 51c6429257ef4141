import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();

const user = 'query ($id: ID!) { user(id: $id) { id name createdAt } }';
const email = 'query ($id: ID!) { user(id: $id) { name email } }';
const postsOf = `query ($id: ID!, $first: Int, $after: String) {
  user(id: $id) { posts(first: $first, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }
}`;
const missing = 'user_01h455vb4pex5vsknk084sn02q';

let ada: User;
let bob: User;
let administrator: User;

beforeAll(async () => {
  await server().api(true);
  ada = await server().user({ name: 'Ada' });
  bob = await server().user({ name: 'Bob' });
  administrator = await server().administrator();
});

const about = (client: Client, document: string, whom: User, more = {}) =>
  client.send(document, { id: publicIdOf.user(whom), ...more });
const refused = ({ codes, status }: Answer) => [codes, status];

describe('user', () => {
  test('shows every account to everyone who has one and may read users', async () => {
    for (const client of [
      await server().withSession(bob),
      await server().actingAs(bob, ['user:read']),
      await server().actingAs(bob, ['read']),
      await server().withSession(ada),
    ]) {
      expect((await about(client, user, ada)).data.user).toEqual({
        id: publicIdOf.user(ada),
        name: 'Ada',
        createdAt: ada.createdAt.toISOString(),
      });
    }
  });

  test('is refused to guests and to tokens without the ability', async () => {
    expect(refused(await about(server().asGuest(), user, ada))).toEqual([['UNAUTHENTICATED'], 401]);
    const program = await server().actingAs(ada, ['post:read', 'update']);
    expect(refused(await about(program, user, ada))).toEqual([['INSUFFICIENT_ABILITIES'], 403]);
  });

  test('is not found, or is refused, when there is none', async () => {
    const browser = await server().withSession(ada);
    const none = await browser.send(user, { id: missing });
    expect([none.codes, none.status, none.data]).toEqual([['NOT_FOUND'], 200, { user: null }]);
    for (const id of ['', 'Ada', missing.replace('user', 'post'), missing.toUpperCase()]) {
      const answer = await browser.send(user, { id });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.extensions.fields).toEqual({ id: ['must be the id of a user.'] });
    }
  });

  test.each(['passwordHash', 'password', 'isAdministrator', 'updatedAt', 'sessions { id }', 'apiTokens { id }'])(
    'has no field %s',
    async (field) => {
      const answer = await about(
        await server().withSession(ada),
        `query ($id: ID!) { user(id: $id) { ${field} } }`,
        ada,
      );
      expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    },
  );
});

describe('User.email', () => {
  test('is shown to the user and to administrators', async () => {
    for (const client of [
      await server().withSession(ada),
      await server().actingAs(ada, ['user:read']),
      await server().withSession(administrator),
      await server().actingAs(administrator, ['user:read']),
    ]) {
      const answer = await about(client, email, ada);
      expect(answer.errors).toBeUndefined();
      expect(answer.data.user).toEqual({ name: 'Ada', email: ada.email });
    }
  });

  test('is null for others, with a FORBIDDEN at its place and the rest beside it', async () => {
    for (const client of [await server().withSession(bob), await server().actingAs(bob, ['*'])]) {
      const answer = await about(client, email, ada);
      expect(answer.data.user).toEqual({ name: 'Ada', email: null });
      expect(answer.errors?.map((error) => [error.extensions.code, error.path])).toEqual([
        ['FORBIDDEN', ['user', 'email']],
      ]);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(ada.email);
    }
  });

  test('Z5: is decided for each user of a document by itself, in either order and however reached', async () => {
    const browser = await server().withSession(bob);
    await server().post(ada, { title: 'By Ada' });
    await server().post(bob, { title: 'By Bob' });
    for (const [first, second] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const answer = await browser.send(
        `query ($a: ID!, $b: ID!, $yes: Boolean!) {
          a: user(id: $a) { ...E } b: user(id: $b) { ... on User { email @include(if: $yes) } }
          viewer { user { email } }
          node(id: $a) { ... on User { email } }
        }
        fragment E on User { email }`,
        { a: publicIdOf.user(first), b: publicIdOf.user(second), yes: true },
      );
      const seen = (each: User) => (each === bob ? bob.email : null);
      expect(answer.data).toEqual({
        a: { email: seen(first) },
        b: { email: seen(second) },
        viewer: { user: { email: bob.email } },
        node: { email: seen(first) },
      });
      expect(answer.text).not.toContain(ada.email);
    }
    const listed = await browser.send('{ posts(first: 2) { nodes { title author { name email } } } }');
    expect(listed.data.posts.nodes).toEqual([
      { title: 'By Bob', author: { name: 'Bob', email: bob.email } },
      { title: 'By Ada', author: { name: 'Ada', email: null } },
    ]);
    expect(listed.errors?.map((error) => error.path)).toEqual([['posts', 'nodes', 1, 'author', 'email']]);
  });
});

describe('User.posts', () => {
  let writer: User;

  beforeAll(async () => {
    writer = await server().user();
    for (const title of ['P1', 'D2', 'P3', 'D4', 'P5']) {
      await server().post(writer, { title, published: title.startsWith('P') });
    }
  });

  const titles = (answer: Answer) => answer.data.user.posts.nodes.map((node: { title: string }) => node.title);

  test('lists drafts to their author and to administrators only', async () => {
    for (const client of [
      await server().withSession(writer),
      await server().actingAs(writer, ['read']),
      await server().withSession(administrator),
    ]) {
      expect(titles(await about(client, postsOf, writer))).toEqual(['P5', 'D4', 'P3', 'D2', 'P1']);
    }
    for (const client of [await server().withSession(bob), await server().actingAs(bob, ['*'])]) {
      expect(titles(await about(client, postsOf, writer))).toEqual(['P5', 'P3', 'P1']);
    }
  });

  test('comes in pages without holes for drafts', async () => {
    const browser = await server().withSession(bob);
    const first = await about(browser, postsOf, writer, { first: 2 });
    expect(titles(first)).toEqual(['P5', 'P3']);
    const { hasNextPage, endCursor } = first.data.user.posts.pageInfo;
    expect(hasNextPage).toBe(true);
    const second = await about(browser, postsOf, writer, { first: 2, after: endCursor });
    expect(titles(second)).toEqual(['P1']);
    expect(second.data.user.posts.pageInfo.hasNextPage).toBe(false);
  });

  test('of several users in one document are each one’s own', async () => {
    const quiet = await server().user();
    const answer = await (await server().withSession(bob)).send(
      `query ($a: ID!, $b: ID!) {
        a: user(id: $a) { posts(first: 1) { nodes { title } pageInfo { hasNextPage } } }
        b: user(id: $b) { posts(first: 1) { nodes { title } pageInfo { hasNextPage } } }
        again: user(id: $a) { posts(first: 2) { nodes { title } } }
      }`,
      { a: publicIdOf.user(writer), b: publicIdOf.user(quiet) },
    );
    expect(answer.data).toEqual({
      a: { posts: { nodes: [{ title: 'P5' }], pageInfo: { hasNextPage: true } } },
      b: { posts: { nodes: [], pageInfo: { hasNextPage: false } } },
      again: { posts: { nodes: [{ title: 'P5' }, { title: 'P3' }] } },
    });
  });

  test('needs a token that may read posts as well as users', async () => {
    const answer = await about(await server().actingAs(writer, ['user:read']), postsOf, writer);
    expect(refused(answer)).toEqual([['INSUFFICIENT_ABILITIES'], 403]);
    expect(answer.errors?.[0]?.extensions.missing).toEqual(['post:read']);
    expect(refused(await about(server().asGuest(), postsOf, writer))).toEqual([['UNAUTHENTICATED'], 401]);
  });

  test.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ after: 'nonsense' }, 'after'],
  ])('refuses a page of %j', async (page, field) => {
    const answer = await about(await server().withSession(writer), postsOf, writer, page);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual([field]);
  });
});
