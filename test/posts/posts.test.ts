import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Post } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';

const server = testServer();

const post = `query ($id: ID!) { post(id: $id) {
  id title body published createdAt updatedAt viewerCanUpdate viewerCanDelete author { id name }
} }`;
const posts = `query ($first: Int, $after: String, $author: ID) {
  posts(first: $first, after: $after, author: $author) {
    nodes { id title }
    edges { cursor node { id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const missing = 'post_01h455vb4pex5vsknk084sn02q';

let author: User;
let stranger: User;
let administrator: User;
let open: Post;
let draft: Post;

beforeAll(async () => {
  await server().api(true);
  author = await server().user({ name: 'Author' });
  stranger = await server().user();
  administrator = await server().administrator();
  open = await server().post(author, { title: 'Open', body: 'For all.' });
  draft = await server().post(author, { title: 'Draft', published: false });
});

const read = (client: Client, record: { id: string }) => client.send(post, { id: publicIdOf.post(record) });
const titlesOf = async (client: Client, variables = {}) => {
  const answer = await client.send(posts, { first: 100, ...variables });
  expect(answer.errors).toBeUndefined();
  return answer.data.posts.nodes.map((node: { title: string }) => node.title);
};

describe('post', () => {
  test('shows a published post to everyone who may read', async () => {
    for (const client of [
      await server().withSession(stranger),
      await server().actingAs(stranger, ['post:read', 'user:read']),
      await server().actingAs(stranger, ['read']),
      await server().actingAs(stranger, ['*']),
    ]) {
      expect((await read(client, open)).data.post).toEqual({
        id: publicIdOf.post(open),
        title: 'Open',
        body: 'For all.',
        published: true,
        createdAt: open.createdAt.toISOString(),
        updatedAt: open.updatedAt.toISOString(),
        viewerCanUpdate: false,
        viewerCanDelete: false,
        author: { id: publicIdOf.user(author), name: 'Author' },
      });
    }
  });

  test('shows a draft to its author and to administrators', async () => {
    for (const client of [
      await server().withSession(author),
      await server().actingAs(author, ['read']),
      await server().withSession(administrator),
      await server().actingAs(administrator, ['read']),
    ]) {
      expect((await read(client, draft)).data.post).toMatchObject({ title: 'Draft', published: false });
    }
  });

  test('Z4: hides a draft from everyone else, byte for byte as if there were none', async () => {
    for (const client of [await server().withSession(stranger), await server().actingAs(stranger, ['*'])]) {
      const hidden = await read(client, draft);
      const none = await client.send(post, { id: missing });
      expect(hidden.codes).toEqual(['NOT_FOUND']);
      expect([hidden.status, hidden.data]).toEqual([200, { post: null }]);
      expect([hidden.status, hidden.text]).toEqual([none.status, none.text]);
      const node = 'query ($id: ID!) { node(id: $id) { id } }';
      const hiddenNode = await client.send(node, { id: publicIdOf.post(draft) });
      const noNode = await client.send(node, { id: missing });
      expect(hiddenNode.codes).toEqual(['NOT_FOUND']);
      expect(hiddenNode.text).toBe(noNode.text);
    }
  });

  test('needs a credential that may read posts, and users for the author', async () => {
    const guest = await read(server().asGuest(), open);
    expect([guest.codes, guest.status]).toEqual([['UNAUTHENTICATED'], 401]);
    const unable = await read(await server().actingAs(author, ['post:update', 'user:read']), open);
    expect([unable.codes, unable.status]).toEqual([['INSUFFICIENT_ABILITIES'], 403]);
    const withoutUsers = await read(await server().actingAs(author, ['post:read']), open);
    expect(withoutUsers.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(withoutUsers.errors?.[0]?.extensions).toMatchObject({
      required: [['post:read', 'user:read']],
      missing: ['user:read'],
      coordinates: ['User.id', 'User.name'],
    });
  });

  test.each(['', '1', '0', '-1', '1e3', ' ', missing.toUpperCase(), missing.replace('post', 'user'), `${missing}\0`])(
    'X8 refuses the ill-formed id %j',
    async (id) => {
      const answer = await (await server().withSession(author)).send(post, { id });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.extensions.fields).toEqual({ id: ['must be the id of a post.'] });
    },
  );

  test('X8 finds nothing under a well-formed id with bits that no version of UUID has', async () => {
    const browser = await server().withSession(author);
    for (const id of [
      'post_00000000000000000000000000',
      'post_7zzzzzzzzzzzzzzzzzzzzzzzzz',
      'post_0123456789abcdefghjkmnpqrs',
    ]) {
      expect((await browser.send(post, { id })).codes).toEqual(['NOT_FOUND']);
      expect((await browser.send('query ($id: ID!) { node(id: $id) { id } }', { id })).codes).toEqual(['NOT_FOUND']);
    }
    const strangeType = await browser.send('{ node(id: "post__00000000000000000000000000") { id } }');
    expect(strangeType.codes).toEqual(['BAD_USER_INPUT']);
  });

  test.each([
    ['the author', () => author, null, true, true],
    ['an administrator', () => administrator, null, true, true],
    ['somebody else', () => stranger, null, false, false],
    ['the author’s token to read', () => author, ['read'], false, false],
    ['the author’s token to update', () => author, ['post:read', 'post:update'], true, false],
    ['the author’s token to delete', () => author, ['post:read', 'post:delete'], false, true],
    ['an administrator’s token to update', () => administrator, ['read', 'update'], true, false],
    ['somebody else’s token with everything', () => stranger, ['*'], false, false],
  ] as [string, () => User, string[] | null, boolean, boolean][])(
    'tells %s what may be done to it',
    async (_who, user, abilities, update, remove) => {
      const client =
        abilities === null ? await server().withSession(user()) : await server().actingAs(user(), abilities);
      const answer = await client.send('query ($id: ID!) { post(id: $id) { viewerCanUpdate viewerCanDelete } }', {
        id: publicIdOf.post(open),
      });
      expect(answer.data.post).toEqual({ viewerCanUpdate: update, viewerCanDelete: remove });
    },
  );

  test('Z5: gives each alias of a document its own decision', async () => {
    const theirs = await server().post(stranger, { title: 'Theirs' });
    const answer = await (await server().withSession(author)).send(
      `query ($mine: ID!, $theirs: ID!, $hidden: ID!) {
        mine: post(id: $mine) { ...P } theirs: post(id: $theirs) { ...P } hidden: post(id: $hidden) { ...P }
      }
      fragment P on Post { title viewerCanUpdate }`,
      {
        mine: publicIdOf.post(draft),
        theirs: publicIdOf.post(theirs),
        hidden: publicIdOf.post(await server().post(stranger, { published: false })),
      },
    );
    expect(answer.data).toEqual({
      mine: { title: 'Draft', viewerCanUpdate: true },
      theirs: { title: 'Theirs', viewerCanUpdate: false },
      hidden: null,
    });
    expect(answer.errors?.map((error) => [error.extensions.code, error.path])).toEqual([['NOT_FOUND', ['hidden']]]);
    expect(answer.status).toBe(200);
  });
});

describe('posts', () => {
  test('lists published posts for all, and drafts for their author and administrators', async () => {
    const writer = await server().user();
    await server().post(writer, { title: 'P1' });
    await server().post(writer, { title: 'D1', published: false });
    await server().post(writer, { title: 'P2' });
    const by = { author: publicIdOf.user(writer) };
    expect(await titlesOf(await server().withSession(writer), by)).toEqual(['P2', 'D1', 'P1']);
    expect(await titlesOf(await server().actingAs(writer, ['post:read']), by)).toEqual(['P2', 'D1', 'P1']);
    expect(await titlesOf(await server().withSession(administrator), by)).toEqual(['P2', 'D1', 'P1']);
    expect(await titlesOf(await server().withSession(stranger), by)).toEqual(['P2', 'P1']);
    expect(await titlesOf(await server().actingAs(stranger, ['*']), by)).toEqual(['P2', 'P1']);
    const all = await titlesOf(await server().withSession(stranger));
    expect(all).toEqual(expect.arrayContaining(['P1', 'P2', 'Open']));
    expect(all).not.toEqual(expect.arrayContaining(['D1']));
    expect(all).not.toEqual(expect.arrayContaining(['Draft']));
  });

  test('needs a credential that may read posts', async () => {
    expect((await server().asGuest().send(posts)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await (await server().actingAs(author, ['user:read'])).send(posts)).codes).toEqual([
      'INSUFFICIENT_ABILITIES',
    ]);
  });

  test('comes in pages that neither repeat nor lose a post while others are written', async () => {
    const writer = await server().user();
    for (let number = 1; number <= 7; number += 1) {
      await server().post(writer, { title: `N${number}`, published: number !== 4 });
    }
    const reader = await server().withSession(stranger);
    const variables: Record<string, unknown> = { first: 2, author: publicIdOf.user(writer) };
    const pages: string[][] = [];
    const previous: boolean[] = [];
    for (let more = true; more; ) {
      const { edges, nodes, pageInfo } = (await reader.send(posts, variables)).data.posts;
      expect(edges.map((edge: { node: object }) => edge.node)).toEqual(nodes);
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0].cursor, edges.at(-1).cursor]);
      pages.push(nodes.map((node: { title: string }) => node.title));
      previous.push(pageInfo.hasPreviousPage);
      more = pageInfo.hasNextPage;
      variables.after = pageInfo.endCursor;
      await server().post(writer, { title: 'Later' });
    }
    // N4 is a draft: it is neither shown nor does it leave a hole.
    expect(pages).toEqual([
      ['N7', 'N6'],
      ['N5', 'N3'],
      ['N2', 'N1'],
    ]);
    expect(previous).toEqual([false, true, true]);
  });

  test('goes on behind any cursor, even that of a post which is hidden or gone', async () => {
    const writer = await server().user();
    const records = [];
    for (const title of ['A', 'B', 'C']) {
      records.push(await server().post(writer, { title, published: title !== 'B' }));
    }
    const mine = await server().withSession(writer);
    const { edges } = (await mine.send(posts, { author: publicIdOf.user(writer) })).data.posts;
    const after = edges[1].cursor;
    expect(edges[1].node.title).toBe('B');
    const reader = await server().withSession(stranger);
    expect(await titlesOf(reader, { author: publicIdOf.user(writer), after })).toEqual(['A']);
    await server().sql('delete from posts where id = $1', [records[1]?.id]);
    expect(await titlesOf(reader, { author: publicIdOf.user(writer), after })).toEqual(['A']);
  });

  test('says that a last page is the last, however full it is', async () => {
    const writer = await server().user();
    await server().post(writer);
    await server().post(writer);
    const browser = await server().withSession(writer);
    const pageOf = async (first: number) =>
      (await browser.send(posts, { first, author: publicIdOf.user(writer) })).data.posts;
    expect((await pageOf(2)).pageInfo.hasNextPage).toBe(false);
    expect((await pageOf(1)).pageInfo.hasNextPage).toBe(true);
    const empty = await browser.send(posts, { author: publicIdOf.user(await server().user()) });
    expect(empty.data.posts).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test.each([
    ['no post', { first: 0 }, { first: ['must be at least 1.'] }],
    ['less than that', { first: -1 }, { first: ['must be at least 1.'] }],
    ['101 posts', { first: 101 }, { first: ['must be at most 100.'] }],
    ['a cursor that is none', { after: 'nonsense' }, { after: ['must be a cursor of this list.'] }],
    ['an empty cursor', { after: '' }, { after: ['must be a cursor of this list.'] }],
    ['the author with an ill-formed id', { author: 'somebody' }, { author: ['must be the id of a user.'] }],
    ['the author with the id of a post', { author: missing }, { author: ['must be the id of a user.'] }],
    ['the author with an empty id', { author: '' }, { author: ['must be the id of a user.'] }],
  ])('refuses to list %s', async (_case, variables, fields) => {
    const answer = await (await server().withSession(author)).send(posts, variables);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual(fields);
  });

  test('refuses as many posts in a literal, and in what lies within', async () => {
    const browser = await server().withSession(author);
    for (const document of [
      '{ posts(first: 101) { nodes { id } } }',
      '{ viewer { user { posts(first: 101) { nodes { id } } } } }',
      'query ($n: Int = 101) { posts(first: $n) { nodes { id } } }',
    ]) {
      expect((await browser.send(document)).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('takes few statements, however many posts and authors there are', async () => {
    const writers = await Promise.all(Array.from({ length: 10 }, () => server().user()));
    for (let number = 0; number < 50; number += 1) {
      await server().post(writers[number % 10] as User, { title: `S${number}` });
    }
    const program = await server().actingAs(stranger, ['read']);
    await program.send('{ viewer { kind } }');
    await server().app.services.usage.flush();
    const statements = await watchStatements(server());
    try {
      const listed = await program.send(
        '{ posts(first: 50) { nodes { title viewerCanUpdate author { id name createdAt } } } }',
      );
      expect(listed.data.posts.nodes).toHaveLength(50);
      expect(new Set(listed.data.posts.nodes.map((node: any) => node.author.id)).size).toBe(10);
      // The credential, and the posts with their authors.
      expect(statements.since()).toBe(2);
      const nested = await program.send(
        '{ posts(first: 50) { nodes { title author { name posts(first: 3) { nodes { title author { name } } } } } } }',
      );
      expect(nested.errors).toBeUndefined();
      expect(nested.data.posts.nodes[49].author.posts.nodes).toHaveLength(3);
      // The same, the numbers of each author's posts, those posts, and their authors.
      expect(statements.since()).toBe(5);
    } finally {
      statements.stop();
    }
  });
});
