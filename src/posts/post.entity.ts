import { defineEntity, p } from '@mikro-orm/core';
import { recordColumns } from '../database/columns.js';
import { publicId } from '../database/public-id.js';
import { User } from '../users/user.entity.js';

const PostSchema = defineEntity({
  name: 'Post',
  tableName: 'posts',
  indexes: [
    { properties: ['author', 'id'] },
    // So that nobody's drafts stand between others and what is published; PostgreSQL prefers these to the key and a filter.
    { name: 'posts_published_index', properties: ['id'], where: 'published' },
    { name: 'posts_published_author_id_index', properties: ['author', 'id'], where: 'published' },
  ],
  properties: {
    ...recordColumns,
    author: () => p.manyToOne(User).deleteRule('cascade').ref(),
    title: p.string().length(255),
    body: p.text(),
    published: p.boolean().default(false),
    updatedAt: p
      .datetime()
      .columnType('timestamptz')
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
    /** Counts the changes, so that two writers cannot overwrite each other unseen. */
    version: p.integer().version(),
  },
});

/** A text by a user: a draft until it is published. */
export class Post extends PostSchema.class {}
PostSchema.setClass(Post);

export const postId = publicId('post');
