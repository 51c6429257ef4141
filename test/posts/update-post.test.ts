import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Post } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { publicIdOf, testServer } from '../helper.js';

const server = testServer();
const updatePost = 'mutation ($id: ID!) { updatePost(id: $id, title: "Changed") { id } }';

let author: User;
let stranger: User;
let post: Post;
let draft: Post;
let id: string;

beforeAll(async () => {
  await server().api(true);
  author = await server().user();
  stranger = await server().user();
  post = await server().post(author, { title: 'Before' });
  draft = await server().post(author, { published: false });
  id = publicIdOf.post(post);
});

describe('updatePost', () => {
  test('the author with a session changes it', async () => {
    const answer = await (await server().withSession(author)).send(updatePost, { id });
    expect(answer.errors).toBeUndefined();
    expect(await server().sql('select title from posts where id = $1', [post.id])).toEqual([{ title: 'Changed' }]);
  });

  test('a guest is refused and nothing changes', async () => {
    const before = await server().contents();
    const answer = await server().asGuest().send(updatePost, { id });
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(answer.status).toBe(401);
    expect(answer.data).toBeUndefined();
    expect(await server().contents()).toEqual(before);
  });

  test('owner and able, never owner or able', async () => {
    const before = await server().contents();
    const ownerOnly = await (await server().actingAs(author, ['post:read'])).send(updatePost, { id });
    expect(ownerOnly.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    const ableOnly = await (await server().actingAs(stranger, ['post:read', 'post:update'])).send(updatePost, { id });
    expect(ableOnly.codes).toEqual(['FORBIDDEN']);
    expect(ableOnly.status).toBe(403);
    expect(((await server().contents()) as any).posts).toEqual((before as any).posts);
  });

  test('a hidden draft and a missing post give the same answer', async () => {
    const client = await server().withSession(stranger);
    const hidden = await client.send(updatePost, { id: publicIdOf.post(draft) });
    const missing = await client.send(updatePost, {
      id: publicIdOf.post({ id: '01a2025c-c21e-7651-aa65-35edfbad985a' }),
    });
    expect(hidden.codes).toEqual(['NOT_FOUND']);
    expect(hidden.text).toBe(missing.text);
  });
});
