import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import type { Post } from '../../src/posts/post.entity.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();
const unknown = { id: '01a2025c-c21e-7651-aa65-35edfbad985a' };

let ada: User;
let bob: User;
let post: Post;
let draft: Post;
let bobs: Post;
let adaSession: Client;
let bobSession: Client;
let administrator: Client;
let able: Client;
let unable: Client;
let ids: Record<'post' | 'draft' | 'user' | 'session' | 'token', string>;
let missing: typeof ids;

beforeAll(async () => {
  await server().api(true);
  ada = await server().user({ name: 'Ada' });
  bob = await server().user({ name: 'Bob' });
  post = await server().post(ada, { title: 'By Ada' });
  draft = await server().post(ada, { title: 'Draft by Ada', published: false });
  bobs = await server().post(bob, { title: 'By Bob' });
  adaSession = await server().withSession(ada);
  bobSession = await server().withSession(bob);
  administrator = await server().withSession(await server().administrator());
  able = await server().actingAs(bob, ['read']);
  unable = await server().actingAs(bob, []);
  await server().actingAs(ada, []);
  const [session] = await server().sql('select id from sessions where user_id = $1', [ada.id]);
  const [token] = await server().sql('select id from api_tokens where user_id = $1', [ada.id]);
  ids = {
    post: publicIdOf.post(post),
    draft: publicIdOf.post(draft),
    user: publicIdOf.user(ada),
    session: sessionId.encode(session?.id),
    token: apiTokenId.encode(token?.id),
  };
  missing = {
    post: publicIdOf.post(unknown),
    draft: publicIdOf.post(unknown),
    user: publicIdOf.user(unknown),
    session: sessionId.encode(unknown.id),
    token: apiTokenId.encode(unknown.id),
  };
});

const clients = {
  guest: () => server().asGuest(),
  owner: () => adaSession,
  'another session': () => bobSession,
  'an administrator': () => administrator,
  'a token that is able': () => able,
  'a token that is not': () => unable,
};
type Who = keyof typeof clients;
type What = keyof typeof ids;

describe('Z4: node(id:)', () => {
  const node = `query ($id: ID!) { node(id: $id) { __typename id
    ... on Post { title } ... on User { name } ... on Session { createdAt } ... on ApiToken { preview } } }`;

  const found = null;
  const outcomes: Record<What, Record<Who, string | null>> = {
    post: {
      guest: 'UNAUTHENTICATED',
      owner: found,
      'another session': found,
      'an administrator': found,
      'a token that is able': found,
      'a token that is not': 'INSUFFICIENT_ABILITIES',
    },
    draft: {
      guest: 'UNAUTHENTICATED',
      owner: found,
      'another session': 'NOT_FOUND',
      'an administrator': found,
      'a token that is able': 'NOT_FOUND',
      'a token that is not': 'INSUFFICIENT_ABILITIES',
    },
    user: {
      guest: 'UNAUTHENTICATED',
      owner: found,
      'another session': found,
      'an administrator': found,
      'a token that is able': found,
      'a token that is not': 'INSUFFICIENT_ABILITIES',
    },
    session: {
      guest: 'UNAUTHENTICATED',
      owner: found,
      'another session': 'NOT_FOUND',
      'an administrator': 'NOT_FOUND',
      'a token that is able': 'SESSION_REQUIRED',
      'a token that is not': 'SESSION_REQUIRED',
    },
    token: {
      guest: 'NOT_FOUND',
      owner: found,
      'another session': 'NOT_FOUND',
      'an administrator': 'NOT_FOUND',
      'a token that is able': 'NOT_FOUND',
      'a token that is not': 'NOT_FOUND',
    },
  };
  const cases = Object.entries(outcomes).flatMap(([what, byWho]) =>
    Object.entries(byWho).map(([who, code]) => [what as What, who as Who, code] as const),
  );

  test.each(cases)('a %s asked for by %s: %s', async (what, who, code) => {
    const answer = await clients[who]().send(node, { id: ids[what] });
    if (code === found) {
      expect(answer.errors).toBeUndefined();
      expect(answer.data.node.id).toBe(ids[what]);
    } else {
      expect(answer.errors).toEqual([
        expect.objectContaining({ path: ['node'], extensions: expect.objectContaining({ code }) }),
      ]);
      expect(answer.data).toEqual({ node: null });
    }
  });

  test.each(cases.filter(([, , code]) => code !== found))(
    'a %s kept from %s and one that does not exist give one answer, byte for byte',
    async (what, who) => {
      const hidden = await clients[who]().send(node, { id: ids[what] });
      const absent = await clients[who]().send(node, { id: missing[what] });
      expect(absent.status).toBe(hidden.status);
      expect(absent.text).toBe(hidden.text);
    },
  );

  test('a token reads itself, whatever it can, and no other of its owner', async () => {
    const [own, ...others] = (
      await server().sql('select id from api_tokens where user_id = $1 order by id', [bob.id])
    ).map((row) => apiTokenId.encode(row.id));
    const read = (id: string | undefined) => able.send('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect((await read(own)).data).toEqual({ node: { id: own } });
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) {
      expect((await read(other)).codes).toEqual(['NOT_FOUND']);
    }
  });

  test.each([
    '',
    'post',
    'post_',
    'post_1',
    'comment_01m80wsgkyesdtpsdn7zexv6ct',
    'POST_01m80wsgkyesdtpsdn7zexv6ct',
    'post_01m80wsgkyesdtpsdn7zexv6cu'.toUpperCase(),
    'post_zzzzzzzzzzzzzzzzzzzzzzzzzz',
    ' post_01m80wsgkyesdtpsdn7zexv6ct',
    'post_01m80wsgkyesdtpsdn7zexv6ct ',
    'post_01m80wsgkyesdtpsdn7zexv6ct\0',
    "post_01m80wsgkyesdtpsdn7zexv6c' or 1=1",
    'constructor_01m80wsgkyesdtpsdn7zexv6ct',
    '__proto___01m80wsgkyesdtpsdn7zexv6ct',
    '01a2025c-c21e-7651-aa65-35edfbad985a',
    'x'.repeat(10_000),
  ])('an id that is none of this server: %j', async (id) => {
    for (const client of [server().asGuest(), unable, adaSession]) {
      const answer = await client.send(node, { id });
      expect(answer.errors).toEqual([
        expect.objectContaining({
          path: ['node'],
          extensions: { code: 'BAD_USER_INPUT', fields: { id: ['must be an id of this server.'] } },
        }),
      ]);
    }
  });

  test('a fragment on another type asks for nothing of the one that is found', async () => {
    const reader = await server().actingAs(bob, ['user:read']);
    const document = 'query ($id: ID!) { node(id: $id) { ... on Post { title } ... on User { name } } }';
    expect((await reader.send(document, { id: ids.user })).data).toEqual({ node: { name: 'Ada' } });
    expect((await reader.send(document, { id: ids.post })).codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['... on Session { createdAt }', {}],
    ['... on Session { __typename }', {}],
    ['id @skip(if: true)', {}],
    ['... @include(if: $no) { id }', { no: false }],
  ])(
    'who may read nothing of a type learns of no record of it by selecting nothing: { %s }',
    async (none, variables) => {
      const document = `query ($id: ID!, $no: Boolean = false) { node(id: $id) { ${none} } a: __typename @include(if: $no) }`;
      for (const what of ['post', 'draft', 'user'] as const) {
        for (const [who, code] of [
          ['a token that is not', 'INSUFFICIENT_ABILITIES'],
          ['guest', 'UNAUTHENTICATED'],
        ] as const) {
          const there = await clients[who]().send(document, { id: ids[what], ...variables });
          const absent = await clients[who]().send(document, { id: missing[what], ...variables });
          expect(there.codes).toEqual([code]);
          expect(absent.text).toBe(there.text);
        }
      }
    },
  );

  test('aliases are decided each for itself, all that lacks below one named', async () => {
    const reader = await server().actingAs(bob, ['user:read']);
    const answer = await reader.send(
      'query ($user: ID!, $post: ID!) { a: node(id: $post) { __typename ... on Post { title } } b: node(id: $user) { id } }',
      { user: ids.user, post: ids.post },
    );
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ a: null, b: { id: ids.user } });
    expect(answer.errors).toEqual([
      expect.objectContaining({
        path: ['a'],
        extensions: expect.objectContaining({
          missing: ['post:read'],
          coordinates: ['Post.__typename', 'Post.title'],
        }),
      }),
    ]);
  });

  test('everything below a node that is found is decided before it is read', async () => {
    const reader = await server().actingAs(bob, ['post:read']);
    const answer = await reader.send('query ($id: ID!) { node(id: $id) { ... on Post { title author { name } } } }', {
      id: ids.post,
    });
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.[0]?.extensions.coordinates).toEqual(['User.name']);
    expect(answer.data).toEqual({ node: null });
  });
});

describe('Z5: User.email', () => {
  const refusal = (...path: (string | number)[]) =>
    expect.objectContaining({
      message: 'Only the user or an administrator.',
      path,
      extensions: { code: 'FORBIDDEN' },
    });

  test('of oneself is told, of another null with FORBIDDEN at its path, whatever the order of the aliases', async () => {
    const variables = { ada: publicIdOf.user(ada), bob: publicIdOf.user(bob) };
    const fields = { ada: 'ada: user(id: $ada) { name email }', bob: 'bob: user(id: $bob) { email name }' };
    for (const order of [
      [fields.ada, fields.bob],
      [fields.bob, fields.ada],
    ]) {
      const answer = await adaSession.send(`query ($ada: ID!, $bob: ID!) { ${order.join(' ')} }`, variables);
      expect(answer.status).toBe(200);
      expect(answer.data).toEqual({ ada: { name: 'Ada', email: ada.email }, bob: { name: 'Bob', email: null } });
      expect(answer.errors).toEqual([refusal('bob', 'email')]);
    }
  });

  test('two aliases of the field of one user are both decided', async () => {
    const answer = await adaSession.send('query ($id: ID!) { user(id: $id) { a: email b: email } }', {
      id: publicIdOf.user(bob),
    });
    expect(answer.data).toEqual({ user: { a: null, b: null } });
    expect(answer.errors).toEqual(expect.arrayContaining([refusal('user', 'a'), refusal('user', 'b')]));
    expect(answer.errors).toHaveLength(2);
  });

  test.each([
    ['owners first', () => [post, bobs]],
    ['others first', () => [bobs, post]],
  ])('in a list each author is decided for itself, %s', async (_name, inOrder) => {
    // The newest post comes first, so a fresh pair is written in the order that is wanted.
    for (const { author } of [...inOrder()].reverse()) {
      await server().post(author.id === ada.id ? ada : bob);
    }
    const answer = await adaSession.send('{ posts(first: 2) { nodes { author { name email } } } }');
    const names = inOrder().map(({ author }) => (author.id === ada.id ? 'Ada' : 'Bob'));
    expect(answer.data.posts.nodes).toEqual(
      names.map((name) => ({ author: { name, email: name === 'Ada' ? ada.email : null } })),
    );
    expect(answer.errors).toEqual([refusal('posts', 'nodes', names.indexOf('Bob'), 'author', 'email')]);
  });

  test('through node', async () => {
    const document = 'query ($id: ID!) { node(id: $id) { ... on User { email } } }';
    const other = await adaSession.send(document, { id: publicIdOf.user(bob) });
    expect(other.data).toEqual({ node: { email: null } });
    expect(other.errors).toEqual([refusal('node', 'email')]);
    const own = await adaSession.send(document, { id: publicIdOf.user(ada) });
    expect(own.errors).toBeUndefined();
    expect(own.data).toEqual({ node: { email: ada.email } });
  });

  test('in the payload of a mutation', async () => {
    const answer = await administrator.send(
      'mutation ($id: ID!) { updatePost(id: $id, title: "By Ada") { author { email } } }',
      { id: ids.post },
    );
    expect(answer.data).toEqual({ updatePost: { author: { email: ada.email } } });
    const own = await adaSession.send('mutation { createPost(title: "T", body: "") { author { email } } }');
    expect(own.data).toEqual({ createPost: { author: { email: ada.email } } });
  });

  test('by tokens: of the owner to the owner, of everyone to an administrator, and of nobody without user:read', async () => {
    const document = 'query ($ada: ID!, $bob: ID!) { ada: user(id: $ada) { email } bob: user(id: $bob) { email } }';
    const variables = { ada: publicIdOf.user(ada), bob: publicIdOf.user(bob) };
    const bobs = await able.send(document, variables);
    expect(bobs.data).toEqual({ ada: { email: null }, bob: { email: bob.email } });
    expect(bobs.errors).toEqual([refusal('ada', 'email')]);
    const boss = await server().actingAs(await server().administrator(), ['user:read']);
    expect((await boss.send(document, variables)).data).toEqual({
      ada: { email: ada.email },
      bob: { email: bob.email },
    });
    expect((await unable.send(document, variables)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('of oneself through viewer', async () => {
    expect((await able.send('{ viewer { user { email } } }')).data).toEqual({ viewer: { user: { email: bob.email } } });
  });
});

describe('Z4, Z9: the order of checks on a record', () => {
  const remove = 'mutation ($id: ID!) { deletePost(id: $id) }';
  const outcomes: [
    string,
    () => Client | Promise<Client>,
    Record<'visible' | 'hidden' | 'absent' | 'garbled', string>,
  ][] = [
    [
      'authenticated first',
      () => server().asGuest(),
      {
        visible: 'UNAUTHENTICATED',
        hidden: 'UNAUTHENTICATED',
        absent: 'UNAUTHENTICATED',
        garbled: 'UNAUTHENTICATED',
      },
    ],
    [
      'then the ability',
      () => able,
      {
        visible: 'INSUFFICIENT_ABILITIES',
        hidden: 'INSUFFICIENT_ABILITIES',
        absent: 'INSUFFICIENT_ABILITIES',
        garbled: 'INSUFFICIENT_ABILITIES',
      },
    ],
    [
      'then whether it is visible, then the policy',
      () => server().actingAs(bob, ['post:delete']),
      { visible: 'FORBIDDEN', hidden: 'NOT_FOUND', absent: 'NOT_FOUND', garbled: 'BAD_USER_INPUT' },
    ],
    [
      'of a session alike',
      () => bobSession,
      { visible: 'FORBIDDEN', hidden: 'NOT_FOUND', absent: 'NOT_FOUND', garbled: 'BAD_USER_INPUT' },
    ],
  ];

  test.each(outcomes)('%s', async (_name, clientOf, expected) => {
    const before = await server().contents();
    const client = await clientOf();
    const targets = { visible: ids.post, hidden: ids.draft, absent: missing.post, garbled: ids.user };
    const codes: Record<string, string | undefined> = {};
    for (const [target, id] of Object.entries(targets)) {
      const answer = await client.send(remove, { id });
      expect(answer.errors).toHaveLength(1);
      codes[target] = answer.codes[0];
    }
    expect(codes).toEqual(expected);
    const after = (await server().contents()) as Record<string, unknown>;
    expect(after.posts).toEqual((before as Record<string, unknown>).posts);
  });

  test('an administrator whose token lacks the ability is refused, and one with it is let through', async () => {
    const boss = await server().administrator();
    const victim = await server().post(ada);
    const id = publicIdOf.post(victim);
    expect((await (await server().actingAs(boss, ['read', 'update'])).send(remove, { id })).codes).toEqual([
      'INSUFFICIENT_ABILITIES',
    ]);
    expect((await (await server().actingAs(boss, ['delete'])).send(remove, { id })).data).toEqual({ deletePost: id });
  });
});
