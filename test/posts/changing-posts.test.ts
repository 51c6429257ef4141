import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Post } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();

const createPost = `mutation ($title: String!, $body: String!, $published: Boolean) {
  createPost(title: $title, body: $body, published: $published) {
    id title body published createdAt updatedAt viewerCanUpdate author { id }
  }
}`;
const updatePost = `mutation ($id: ID!, $title: String, $body: String, $published: Boolean) {
  updatePost(id: $id, title: $title, body: $body, published: $published) { title body published }
}`;
const deletePost = 'mutation ($id: ID!) { deletePost(id: $id) }';
const missing = 'post_01h455vb4pex5vsknk084sn02q';

const outcome = (answer: Answer) => answer.codes[0] ?? 'ok';
const refused = ({ codes, status, data }: Answer) => [codes, status, data];
const rowOf = async ({ id }: { id: string }) => (await server().sql('select * from posts where id = $1', [id]))[0];

let author: User;
let stranger: User;
let administrator: User;
let browser: Client;
let post: Post;
let draft: Post;

beforeAll(async () => {
  await server().api(true);
  author = await server().user();
  stranger = await server().user();
  administrator = await server().administrator();
  browser = await server().withSession(author);
});
beforeEach(async () => {
  post = await server().post(author, { title: 'Before', body: 'Old.' });
  draft = await server().post(author, { published: false });
});

/** Text of every kind, and what the refusal of each says. */
const badText: [string, string, string][] = [
  ['a NUL', 'a\0b', 'must not contain a NUL character.'],
  ['the first half of a character', 'a\ud83d', 'must be well-formed Unicode.'],
  ['the second half of a character', '\ude42b', 'must be well-formed Unicode.'],
];
const badTitles: [string, string, string][] = [
  ...badText,
  ['nothing', '', 'must not be empty.'],
  ['white space', ' \t\u00a0\u2003', 'must not be empty.'],
  ['256 characters', 't'.repeat(256), 'must have at most 255 characters.'],
  ['two lines', 'one\ntwo', 'must be one line.'],
  ['a carriage return', 'one\rtwo', 'must be one line.'],
];
const badBodies: [string, string, string][] = [
  ...badText,
  ['50001 characters', 'x'.repeat(50_001), 'must have at most 50000 characters.'],
];
const goodText = [
  '🙂👩‍👩‍👧‍👦 \u202eright to left\u202c שלום',
  'composed é and decomposed e\u0301',
  '<img src=x onerror=alert(1)> &amp; "quoted" \\ back',
  `'; drop table posts; -- %s $1 ? :name {} \${x}`,
  '{"$ne":null}',
  'null',
];

describe('createPost', () => {
  test('writes a post in one’s name, a draft unless told otherwise', async () => {
    const answer = await browser.send(createPost, { title: 'Hello', body: 'World' });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.createPost).toMatchObject({
      title: 'Hello',
      body: 'World',
      published: false,
      viewerCanUpdate: true,
      author: { id: publicIdOf.user(author) },
    });
    const published = await browser.send(createPost, { title: 'Hello', body: 'World', published: true });
    expect(published.data.createPost.published).toBe(true);
    expect(await server().sql("select author_id, published from posts where title = 'Hello' order by id")).toEqual([
      { author_id: author.id, published: false },
      { author_id: author.id, published: true },
    ]);
  });

  test('works with a token that may write, and gives back only what it may read', async () => {
    const document = 'mutation { createPost(title: "By token", body: "") { id title } }';
    const able = await (await server().actingAs(stranger, ['post:create', 'post:read'])).send(document);
    expect(able.data.createPost.title).toBe('By token');
    expect(await server().sql("select author_id from posts where title = 'By token'")).toEqual([
      { author_id: stranger.id },
    ]);
    const before = await server().contents();
    const writeOnly = await (await server().actingAs(stranger, ['post:create'])).send(document);
    expect(writeOnly.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(writeOnly.errors?.[0]?.extensions.missing).toEqual(['post:read']);
    expect(((await server().contents()) as any).posts).toEqual((before as any).posts);
  });

  test('is refused to guests and to tokens without the ability, and nothing is written', async () => {
    const program = await server().actingAs(author, ['read', 'post:update', 'post:delete']);
    const before = await server().contents();
    const input = { title: 'Never', body: '' };
    expect(refused(await server().asGuest().send(createPost, input))).toEqual([['UNAUTHENTICATED'], 401, undefined]);
    expect(refused(await program.send(createPost, input))).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    expect(await server().contents()).toEqual(before);
  });

  test.each(badTitles)('refuses a title of %s', async (_case, title, problem) => {
    const before = await server().contents();
    const answer = await browser.send(createPost, { title, body: '' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ title: [problem] });
    expect(await server().contents()).toEqual(before);
  });

  test.each(badBodies)('refuses a body of %s', async (_case, body, problem) => {
    const before = await server().contents();
    const answer = await browser.send(createPost, { title: 'Fine', body });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ body: [problem] });
    expect(await server().contents()).toEqual(before);
  });

  test('names title and body when both are bad', async () => {
    const answer = await browser.send(createPost, { title: '', body: '\0' });
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['title', 'body']);
  });

  test('takes the longest title and body there may be, and the emptiest body', async () => {
    const longest = await browser.send(createPost, { title: 't'.repeat(255), body: 'x'.repeat(50_000) });
    expect(longest.data.createPost.title).toHaveLength(255);
    expect(longest.data.createPost.body).toHaveLength(50_000);
    expect((await browser.send(createPost, { title: 't', body: '' })).data.createPost.body).toBe('');
  });

  test.each(goodText)('keeps %j as it is', async (text) => {
    const answer = await browser.send(createPost, { title: text, body: ` ${text}\n` });
    expect(answer.data.createPost).toMatchObject({ title: text, body: ` ${text}\n` });
    const uuid = (await server().sql('select title, body from posts order by id desc limit 1'))[0];
    expect(uuid).toEqual({ title: text, body: ` ${text}\n` });
  });

  test('keeps every text that it takes, in variables and in literals', async () => {
    const document = (body: string) => `mutation { createPost(title: "Any", body: ${JSON.stringify(body)}) { body } }`;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (body) => {
        fc.pre(!body.includes('\0'));
        expect((await browser.send(createPost, { title: 'Any', body })).data.createPost.body).toBe(body);
        expect((await browser.send(document(body))).data.createPost.body).toBe(body);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['author: "user_01h455vb4pex5vsknk084sn02q"'],
    ['authorId: "1"'],
    ['id: "post_01h455vb4pex5vsknk084sn02q"'],
    ['createdAt: "2026-01-31T09:30:00Z"'],
    ['version: 9'],
  ])('refuses a document that also says %s', async (argument) => {
    const before = await server().contents();
    const answer = await browser.send(`mutation { createPost(title: "t", body: "", ${argument}) { id } }`);
    expect([answer.codes, answer.status]).toEqual([['GRAPHQL_VALIDATION_FAILED'], 400]);
    expect(await server().contents()).toEqual(before);
  });

  test.each([
    ['an object', { $ne: null }],
    ['a list', ['a', 'b']],
    ['a number', 1],
    ['a switch', true],
    ['null', null],
  ])('refuses %s for a title before anything runs', async (_case, title) => {
    const before = await server().contents();
    const answer = await browser.send(createPost, { title, body: '' });
    expect([answer.codes, answer.status]).toEqual([['BAD_USER_INPUT'], 400]);
    expect(await server().contents()).toEqual(before);
  });
});

describe('updatePost', () => {
  const update = (client: Client, variables: Record<string, unknown> = {}, record: { id: string } = post) =>
    client.send(updatePost, { id: publicIdOf.post(record), ...variables });

  test('changes what it names and keeps what is left out or null', async () => {
    expect((await update(browser, { title: 'T' })).data.updatePost).toEqual({
      title: 'T',
      body: 'Old.',
      published: true,
    });
    expect((await update(browser, { body: 'B' })).data.updatePost).toEqual({ title: 'T', body: 'B', published: true });
    expect((await update(browser, { published: false })).data.updatePost).toEqual({
      title: 'T',
      body: 'B',
      published: false,
    });
    expect((await update(browser, { title: null, body: null, published: null })).data.updatePost).toEqual({
      title: 'T',
      body: 'B',
      published: false,
    });
    expect((await update(browser, { body: '' })).data.updatePost.body).toBe('');
    expect(await rowOf(post)).toMatchObject({ title: 'T', body: '', published: false, version: 5 });
  });

  test('notes when it was changed, and only then', async () => {
    const before = await rowOf(post);
    await update(browser);
    expect(await rowOf(post)).toEqual(before);
    await server().sql("update posts set updated_at = now() - interval '1 hour' where id = $1", [post.id]);
    const stale = await rowOf(post);
    await update(browser, { title: 'Touched' });
    const after = await rowOf(post);
    expect(new Date(after?.updated_at).getTime()).toBeGreaterThan(new Date(stale?.updated_at).getTime());
    expect([after?.created_at, after?.author_id]).toEqual([before?.created_at, before?.author_id]);
  });

  test('is the author’s and the administrators’, with every credential that is able', async () => {
    const clients = [
      browser,
      await server().actingAs(author, ['post:read', 'post:update']),
      await server().actingAs(author, ['*']),
      await server().withSession(administrator),
      await server().actingAs(administrator, ['read', 'update']),
    ];
    for (const [index, client] of clients.entries()) {
      expect(outcome(await update(client, { title: `By ${index}` }))).toBe('ok');
      expect(outcome(await update(client, { title: `By ${index}` }, draft))).toBe('ok');
      expect((await rowOf(draft))?.title).toBe(`By ${index}`);
    }
  });

  test('is refused for another’s published post, and another’s draft does not exist', async () => {
    const clients = [
      await server().withSession(stranger),
      await server().actingAs(stranger, ['read', 'update']),
      await server().actingAs(stranger, ['*']),
    ];
    const before = ((await server().contents()) as any).posts;
    for (const client of clients) {
      expect(refused(await update(client, { title: 'Mine now' }))).toEqual([['FORBIDDEN'], 403, null]);
      const hidden = await update(client, { title: 'Mine now' }, draft);
      const none = await client.send(updatePost, { id: missing, title: 'Mine now' });
      expect(hidden.codes).toEqual(['NOT_FOUND']);
      expect([hidden.status, hidden.text]).toEqual([none.status, none.text]);
    }
    expect(((await server().contents()) as any).posts).toEqual(before);
  });

  test('is refused for an ill-formed id', async () => {
    const answer = await browser.send(updatePost, { id: 'post_1', title: 'T' });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { id: ['must be the id of a post.'] },
    });
  });

  test.each(badTitles)('refuses a title of %s', async (_case, title, problem) => {
    const before = await rowOf(post);
    const answer = await update(browser, { title, body: 'Half done?' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ title: [problem] });
    expect(await rowOf(post)).toEqual(before);
  });

  test.each(badBodies)('refuses a body of %s', async (_case, body, problem) => {
    const before = await rowOf(post);
    const answer = await update(browser, { body, title: 'Half done?' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ body: [problem] });
    expect(await rowOf(post)).toEqual(before);
  });

  test.each(goodText)('keeps %j as it is', async (text) => {
    expect((await update(browser, { title: text, body: text })).data.updatePost).toMatchObject({
      title: text,
      body: text,
    });
    expect(await rowOf(post)).toMatchObject({ title: text, body: text });
  });

  test('makes a draft visible and hides it again', async () => {
    const reader = await server().withSession(stranger);
    const read = () => reader.send('query ($id: ID!) { post(id: $id) { id } }', { id: publicIdOf.post(draft) });
    expect(outcome(await read())).toBe('NOT_FOUND');
    await update(browser, { published: true }, draft);
    expect(outcome(await read())).toBe('ok');
    await update(browser, { published: false }, draft);
    expect(outcome(await read())).toBe('NOT_FOUND');
  });

  test('Z6: at once by many ends in changes and conflicts, and each change counts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => update(browser, { title: `Writer ${index}` })),
    );
    const changed = answers.filter((answer) => outcome(answer) === 'ok');
    expect(changed.length).toBeGreaterThanOrEqual(1);
    for (const answer of answers) {
      if (outcome(answer) !== 'ok') {
        expect([answer.codes, answer.status]).toEqual([['CONFLICT'], 409]);
      }
    }
    const row = await rowOf(post);
    expect(row?.version).toBe(1 + changed.length);
    expect(changed.map((answer) => answer.data.updatePost.title)).toContain(row?.title);
  });

  test('Z6: is a conflict when the row that was read is not there any more', async () => {
    await server().sql(
      `create function overtaken() returns trigger language plpgsql as $$
        begin if new.title = 'Too late' then return null; end if; return new; end $$`,
    );
    await server().sql('create trigger overtaken before update on posts for each row execute function overtaken()');
    const answer = await update(browser, { title: 'Too late' });
    expect(refused(answer)).toEqual([['CONFLICT'], 409, null]);
    expect(answer.errors?.[0]?.message).toBe('Someone else has changed or deleted this post in the meantime.');
    expect(outcome(await update(browser, { title: 'In time' }))).toBe('ok');
    expect(await rowOf(post)).toMatchObject({ title: 'In time', version: 2 });
  });
});

describe('deletePost', () => {
  const remove = (client: Client, record: { id: string } = post) =>
    client.send(deletePost, { id: publicIdOf.post(record) });

  test('is the author’s and the administrators’, with every credential that is able', async () => {
    for (const client of [
      browser,
      await server().actingAs(author, ['post:delete']),
      await server().actingAs(author, ['delete']),
      await server().withSession(administrator),
      await server().actingAs(administrator, ['post:delete']),
    ]) {
      for (const published of [true, false]) {
        const doomed = await server().post(author, { published });
        expect((await remove(client, doomed)).data).toEqual({ deletePost: publicIdOf.post(doomed) });
        expect(await rowOf(doomed)).toBeUndefined();
        expect(outcome(await remove(client, doomed))).toBe('NOT_FOUND');
      }
    }
    expect(await rowOf(post)).toBeDefined();
  });

  test('is refused to everyone else, and nothing is deleted', async () => {
    const before = ((await server().contents()) as any).posts;
    expect(refused(await remove(server().asGuest()))).toEqual([['UNAUTHENTICATED'], 401, undefined]);
    const unable = await server().actingAs(author, ['read', 'create', 'update']);
    expect(refused(await remove(unable))).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    for (const client of [await server().withSession(stranger), await server().actingAs(stranger, ['*'])]) {
      expect(refused(await remove(client))).toEqual([['FORBIDDEN'], 403, null]);
      const hidden = await remove(client, draft);
      const none = await client.send(deletePost, { id: missing });
      expect(hidden.codes).toEqual(['NOT_FOUND']);
      expect([hidden.status, hidden.text]).toEqual([none.status, none.text]);
    }
    expect(((await server().contents()) as any).posts).toEqual(before);
  });

  test('is refused for an ill-formed id', async () => {
    for (const id of ['', '1', `${publicIdOf.post(post)} `, publicIdOf.user(author)]) {
      expect((await browser.send(deletePost, { id })).errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { id: ['must be the id of a post.'] },
      });
    }
  });

  test('X5 at once by many succeeds for one of them', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => remove(browser)));
    expect(answers.map(outcome).sort()).toEqual([...Array(9).fill('NOT_FOUND'), 'ok']);
  });
});

describe('several mutations in one document', () => {
  const both = `mutation ($first: ID!, $second: ID!, $title: String!) {
    first: updatePost(id: $first, title: $title) { title }
    second: updatePost(id: $second, title: "Second") { title }
  }`;

  test('all happen, in their order', async () => {
    const answer = await browser.send(
      `mutation ($id: ID!) {
        one: updatePost(id: $id, title: "One") { title }
        two: updatePost(id: $id, title: "Two") { title }
        gone: deletePost(id: $id)
      }`,
      { id: publicIdOf.post(post) },
    );
    expect(answer.data).toEqual({ one: { title: 'One' }, two: { title: 'Two' }, gone: publicIdOf.post(post) });
    expect(await rowOf(post)).toBeUndefined();
  });

  test('keep what was done before the one that fails', async () => {
    const theirs = await server().post(stranger, { title: 'Theirs' });
    const answer = await browser.send(both, {
      first: publicIdOf.post(post),
      second: publicIdOf.post(theirs),
      title: 'First',
    });
    expect(answer.errors?.map((error) => [error.extensions.code, error.path])).toEqual([['FORBIDDEN', ['second']]]);
    expect((await rowOf(post))?.title).toBe('First');
    expect((await rowOf(theirs))?.title).toBe('Theirs');
  });

  test('end with the one that fails, and none of its changes is written by another', async () => {
    const answer = await browser.send(both, {
      first: publicIdOf.post(post),
      second: publicIdOf.post(draft),
      title: '',
    });
    expect(answer.errors?.map((error) => [error.extensions.code, error.path])).toEqual([['BAD_USER_INPUT', ['first']]]);
    expect((await rowOf(post))?.title).toBe('Before');
    expect((await rowOf(draft))?.title).not.toBe('Second');
  });

  test('Z9: do not happen at all when a token lacks one ability', async () => {
    const program = await server().actingAs(author, ['read', 'post:update']);
    const answer = await program.send(
      'mutation ($id: ID!) { updatePost(id: $id, title: "Changed") { title } deletePost(id: $id) }',
      { id: publicIdOf.post(post) },
    );
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.[0]?.extensions.missing).toEqual(['post:delete']);
    expect((await rowOf(post))?.title).toBe('Before');
  });

  test('find a post gone that the document deleted before', async () => {
    const answer = await browser.send(
      'mutation ($id: ID!) { deletePost(id: $id) updatePost(id: $id, title: "Back") { title } }',
      { id: publicIdOf.post(post) },
    );
    expect(answer.codes).toEqual(['NOT_FOUND']);
    expect(await rowOf(post)).toBeUndefined();
  });
});
