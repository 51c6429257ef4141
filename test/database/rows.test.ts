import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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

  test('are the newest that a condition lets through, whichever of its alternatives does', async () => {
    const writers = [await server().user(), await server().user(), await server().user()];
    for (const writer of writers) {
      for (const published of [true, false, true, false]) {
        await server().post(writer, { published });
      }
    }
    const reader = server().app.services.rows.of(Post);
    const keys = (await server().em.find(Post, {}, { orderBy: { id: 'desc' } })).map(({ id }) => id);
    const by = fc.constantFrom(...writers).map(({ id }) => ({ author: id }));
    const one = fc.oneof(
      by,
      fc.boolean().map((published) => ({ published })),
      by.chain((own) => fc.boolean().map((published) => ({ ...own, published }))),
      fc.constantFrom(...keys).map((id) => ({ id })),
      fc.constantFrom(...keys).map((id) => ({ id: { $gt: id } })),
    );
    const either = fc.array(one, { minLength: 1, maxLength: 3 }).map((choices) => ({ $or: choices }));
    const condition = fc.array(fc.oneof(one, either), { minLength: 1, maxLength: 3 }).map((all) => ({ $and: all }));
    const page = fc.record({
      limit: fc.integer({ min: 1, max: 15 }),
      after: fc.option(fc.constantFrom(...keys), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(condition, page, async (where, { limit, after }) => {
        const found = await reader.page(
          { fields: new Set(['author']), related: { author: new Set(['name']) } },
          where,
          {
            limit,
            after,
          },
        );
        const behind = after === null ? {} : { id: { $lt: after } };
        const expected = await server()
          .em.fork()
          .find(
            Post,
            { $and: [structuredClone(where), behind] },
            { orderBy: { id: 'desc' }, limit, populate: ['author'] },
          );
        expect(found.map(({ id, author }) => [id, (author as unknown as User).name])).toEqual(
          expected.map(({ id, author }) => [id, author.getEntity().name]),
        );
      }),
      { numRuns: 200 },
    );
  });
});
