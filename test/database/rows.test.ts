import { describe, expect, test } from '@jest/globals';
import { isRow } from '../../src/database/row.js';
import { Post } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { testServer } from '../helper.js';

const server = testServer();

const firstTwo = { limit: 2, after: null };

async function read(fields: string[], author?: string[]): Promise<Post[]> {
  const reader = server().app.services.rows.of(Post);
  const asked = { fields: new Set(fields), ...(author && { related: { author: new Set(author) } }) };
  return reader.page(asked, {}, firstTwo);
}

async function writtenBy(...writers: User[]): Promise<void> {
  for (const writer of writers) {
    await server().post(writer, { title: 'T', body: 'B' });
  }
}

describe('rows', () => {
  test('hold what was asked for, and the keys', async () => {
    const writer = await server().user();
    await writtenBy(writer);
    const [post] = await read(['title', 'createdAt']);
    expect(post?.title).toBe('T');
    expect(post?.createdAt).toBeInstanceOf(Date);
    expect(post?.author).toEqual({ id: writer.id });
    expect(isRow(post?.author ?? {})).toBe(false);
  });

  test('throw for a property that was not asked for, so that no policy takes it for false', async () => {
    await writtenBy(await server().user());
    const [post] = await read(['title'], []);
    expect(() => post?.published).toThrow('Post.published was not read');
    const [other] = await read(['author'], ['name']);
    const otherAuthor = other?.author as unknown as User | undefined;
    expect(() => otherAuthor?.isAdministrator).toThrow('User.isAdministrator was not read');
  });

  test('hold every column but the lazy ones when a field is no column of its own', async () => {
    const writer = await server().user();
    await writtenBy(writer);
    const [post] = await read(['author', 'viewerCanUpdate'], ['administrator']);
    expect(post?.published).toBe(true);
    const author = post?.author as unknown as User | undefined;
    expect(author?.isAdministrator).toBe(false);
    expect(author?.email).toBe(writer.email);
    expect(() => author?.passwordHash).toThrow('User.passwordHash was not read');
  });

  test('share the record that they point to, read along in the same statement', async () => {
    const writer = await server().user({ name: 'W' });
    await writtenBy(writer, writer);
    const [first, second] = await read(['author'], ['name']);
    expect(isRow(first?.author ?? {})).toBe(true);
    expect(first?.author).toMatchObject({ name: 'W' });
    expect(first?.author.id).toBe(writer.id);
    expect(second?.author).toBe(first?.author);
  });

  test('know their relations: one that is none is a mistake of the source', async () => {
    const reader = server().app.services.rows.of(Post);
    const asked = { fields: new Set(['title']), related: { title: new Set(['x']) } };
    await expect(reader.page(asked, {}, firstTwo)).rejects.toThrow('Post.title points to no other record.');
  });
});
