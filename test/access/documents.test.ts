import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Post } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer();

let author: User;
let post: Post;
let id: string;
let unable: Client;
let creator: Client;

beforeAll(async () => {
  await server().api(true);
  author = await server().user({ name: 'Ada' });
  post = await server().post(author, { title: 'Before' });
  id = publicIdOf.post(post);
  unable = await server().actingAs(author, []);
  creator = await server().actingAs(author, ['post:create']);
});

/** Sends what must be refused, and shows that nothing was written. */
async function refusedBy(client: Client, document: string, variables?: Record<string, unknown>, headers = {}) {
  const before = await server().contents();
  const answer = await client.send(document, variables, headers);
  expect(await server().contents()).toEqual(before);
  return answer;
}

const threeShort = `mutation ($id: ID!) {
  createPost(title: "New", body: "Text") { id }
  updatePost(id: $id, title: "Changed") { id }
  deletePost(id: $id)
}`;

describe('Z9: a document with three fields that each miss another ability', () => {
  test('is refused once, with all of them and their coordinates, and no mutation in it has run', async () => {
    const client = await server().actingAs(author, ['post:read']);
    const answer = await refusedBy(client, threeShort, { id });
    expect(answer.status).toBe(403);
    expect(answer.errors).toHaveLength(1);
    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]).toEqual({
      message:
        'This token lacks `post:create`, `post:delete`, `post:update` for Mutation.createPost, Mutation.deletePost, Mutation.updatePost.',
      extensions: {
        code: 'INSUFFICIENT_ABILITIES',
        required: [['post:create', 'post:delete', 'post:read', 'post:update']],
        granted: ['post:read'],
        missing: ['post:create', 'post:delete', 'post:update'],
        fix: expect.stringMatching(/^\/tokens\/token_[0-9a-z]{26}\?missing=post:create,post:delete,post:update$/),
        coordinates: ['Mutation.createPost', 'Mutation.deletePost', 'Mutation.updatePost'],
      },
    });
  });

  test('is told over HTTP which scope it needs', async () => {
    const answer = await refusedBy(unable, threeShort, { id });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="post:create post:delete post:read post:update"',
    );
  });

  test('is a 200 with the same body for a client of the older media type', async () => {
    const newer = await refusedBy(unable, threeShort, { id });
    const older = await refusedBy(unable, threeShort, { id }, { accept: 'application/json' });
    expect(older.status).toBe(200);
    expect(older.headers.get('content-type')).toMatch(/^application\/json/);
    expect(older.headers.get('www-authenticate')).toBeNull();
    expect(JSON.parse(older.text)).toEqual(JSON.parse(newer.text));
  });

  test('is a 401 for a guest, who learns nothing of abilities', async () => {
    const answer = await refusedBy(server().asGuest(), threeShort, { id });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.errors?.map((error) => error.extensions)).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(answer.data).toBeUndefined();
  });

  test('runs for a token that has them all, so that the refusals mean something', async () => {
    const victim = await server().post(author);
    const client = await server().actingAs(author, ['create', 'read', 'update', 'delete']);
    const answer = await client.send(threeShort, { id: publicIdOf.post(victim) });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.deletePost).toBe(publicIdOf.post(victim));
    expect(await server().sql('select id from posts where id = $1', [victim.id])).toEqual([]);
  });
});

describe('Z5, Z9: no shape of a document gets round the abilities', () => {
  test.each<[string, string]>([
    ['the payload of an allowed mutation', 'mutation { createPost(title: "T", body: "") { title } }'],
    [
      'the payload in a fragment',
      'mutation { createPost(title: "T", body: "") { ...P } } fragment P on Post { title }',
    ],
    [
      'the payload in nested fragments',
      `mutation { ...M } fragment M on Mutation { createPost(title: "T", body: "") { ...P } }
       fragment P on Post { ... on Node { ...Q } } fragment Q on Post { title }`,
    ],
    ['__typename of the payload', 'mutation { createPost(title: "T", body: "") { __typename } }'],
    [
      'the payload under an alias, after others',
      'mutation { a: __typename b: createPost(title: "T", body: "") { c: title } }',
    ],
    [
      'a payload left out by a literal, and another one',
      `mutation { createPost(title: "T", body: "") {
       a: title @skip(if: true) b: title @include(if: true) } }`,
    ],
  ])('%s', async (_name, document) => {
    const answer = await refusedBy(creator, document);
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.[0]?.extensions.missing).toEqual(['post:read']);
    expect(answer.data).toBeUndefined();
  });

  const optional = `mutation ($with: Boolean! = true) {
    createPost(title: "Optional", body: "") { ... @include(if: $with) { title } }
  }`;

  test.each<[string, Record<string, unknown> | undefined]>([
    ['given', { with: true }],
    ['by default', {}],
    ['without variables', undefined],
  ])('a payload that a variable includes: %s', async (_name, variables) => {
    const answer = await refusedBy(creator, optional, variables);
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('a payload that a variable leaves out needs nothing, and the mutation runs', async () => {
    const answer = await creator.send(optional, { with: false });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ createPost: {} });
    expect(await server().sql(`select count(*)::int as count from posts where title = 'Optional'`)).toEqual([
      { count: 1 },
    ]);
  });

  test.each([null, 'false', 0, [false], {}])('a variable of %j in place of a boolean opens nothing', async (value) => {
    const answer = await refusedBy(creator, optional, { with: value });
    expect(answer.errors).toHaveLength(1);
    expect(['INSUFFICIENT_ABILITIES', 'BAD_USER_INPUT']).toContain(answer.codes[0]);
    expect(answer.data ?? null).toBeNull();
  });

  test('of several operations the chosen one counts', async () => {
    const document = `query Open { viewer { kind } } mutation Closed { createPost(title: "T", body: "") { id } }`;
    const send = async (operationName: string) => {
      const response = await fetch(server().url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${unable.token}` },
        body: JSON.stringify({ query: document, operationName }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const before = await server().contents();
    expect(await send('Open')).toEqual({ status: 200, body: { data: { viewer: { kind: 'TOKEN' } } } });
    expect(await send('Closed')).toMatchObject({
      status: 403,
      body: { errors: [{ extensions: { code: 'INSUFFICIENT_ABILITIES', missing: ['post:create', 'post:read'] } }] },
    });
    expect(await server().contents()).toEqual(before);
  });
});

describe('Z5: when who is asking changes on the way', () => {
  const writes = 'createPost(title: "After", body: "") { id }';
  const count = async () =>
    (await server().sql(`select count(*)::int as count from posts where title = 'After'`))[0]?.count;

  test('what follows a logout is decided for a guest', async () => {
    const client = await server().withSession(author);
    const before = await count();
    const answer = await client.send(`mutation { logout { kind user { id } } ${writes} }`);
    expect(answer.errors?.map((error) => [error.path, error.extensions.code])).toEqual([
      [['createPost'], 'UNAUTHENTICATED'],
    ]);
    expect(await count()).toBe(before);
    expect(client.cookie).toBe('');
  });

  test('what comes before a logout is decided for the session', async () => {
    const client = await server().withSession(author);
    const before = await count();
    const answer = await client.send(`mutation { ${writes} logout { kind user { id name email } } }`);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.logout).toEqual({ kind: 'GUEST', user: null });
    expect(await count()).toBe(before + 1);
  });

  test('the end of the own session makes a guest of what follows', async () => {
    const client = await server().withSession(author);
    const { data } = await client.send('{ sessions { id isCurrent } }');
    const own = data.sessions.find((each: { isCurrent: boolean }) => each.isCurrent).id;
    const before = await count();
    const answer = await client.send(`mutation ($id: ID!) { revokeSession(id: $id) ${writes} }`, { id: own });
    expect(answer.errors?.map((error) => [error.path, error.extensions.code])).toEqual([
      [['createPost'], 'UNAUTHENTICATED'],
    ]);
    expect(await count()).toBe(before);
  });

  test('a guest signs in and sees its own account at once', async () => {
    const client = server().asGuest();
    const answer = await client.send(
      `mutation ($email: String!, $password: String!) {
        login(email: $email, password: $password) { kind user { id name email posts { nodes { title } } } token { id } }
      }`,
      { email: author.email, password },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.login).toMatchObject({
      kind: 'SESSION',
      user: { id: publicIdOf.user(author), name: 'Ada', email: author.email },
      token: null,
    });
  });

  test('a guest who registers sees its own account at once', async () => {
    const answer = await server()
      .asGuest()
      .send(
        `mutation ($password: String!) {
          register(name: "New", email: "new@example.com", password: $password) { kind user { name email } }
        }`,
        { password },
      );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.register).toEqual({ kind: 'SESSION', user: { name: 'New', email: 'new@example.com' } });
  });

  test('a guest cannot open the rest of its document by signing in within it', async () => {
    const client = server().asGuest();
    const before = await server().contents();
    const answer = await client.send(
      `mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } ${writes} }`,
      { email: author.email, password },
    );
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(answer.data).toBeUndefined();
    expect(client.cookie).toBe('');
    expect(await server().contents()).toEqual(before);
  });

  test('a new session by a change of password is trusted for what follows', async () => {
    const user = await server().user();
    const client = await server().withSession(user);
    const answer = await client.send(
      `mutation ($old: String!) {
        updatePassword(currentPassword: $old, newPassword: "another long password") { kind user { email } } ${writes}
      }`,
      { old: password },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updatePassword).toEqual({ kind: 'SESSION', user: { email: user.email } });
    expect(answer.data.createPost.id).toMatch(/^post_/);
  });

  test('who deletes the account is a guest afterwards', async () => {
    const user = await server().user();
    const client = await server().withSession(user);
    const answer = await client.send(
      `mutation ($password: String!) { deleteAccount(password: $password) { kind user { id } } ${writes} }`,
      { password },
    );
    expect(answer.errors?.map((error) => [error.path, error.extensions.code])).toEqual([
      [['createPost'], 'UNAUTHENTICATED'],
    ]);
    expect(await server().sql('select id from users where id = $1', [user.id])).toEqual([]);
  });

  test('a guest is nobody, without an error', async () => {
    const answer = await server().asGuest().send('{ viewer { kind user { id name email } token { id } abilities } }');
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ viewer: { kind: 'GUEST', user: null, token: null, abilities: [] } });
  });
});
