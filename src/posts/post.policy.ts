import type { FilterQuery } from '@mikro-orm/core';
import { definePolicy } from '../access/policy.js';
import type { Principal } from '../auth/principal.js';
import { Post, postId } from './post.entity.js';

/** What the decisions look at. */
interface Authored {
  readonly author: { readonly id: string };
}

const authorOrAdministrator = (principal: Principal, post: Authored) =>
  principal.is(post.author.id) || principal.isAdministrator;

/** Published posts are everyone's to read; drafts their author's and the administrators'; so is every change. */
export const PostPolicy = definePolicy({
  name: 'Post',
  entity: Post,
  id: postId,
  scope: ({ user }): FilterQuery<Post> => {
    if (user === null) {
      return { id: { $in: [] } };
    }
    return user.isAdministrator ? {} : { $or: [{ published: true }, { author: user.id }] };
  },
  actions: {
    update: { description: 'Only the author or an administrator.', may: authorOrAdministrator },
    delete: { description: 'Only the author or an administrator.', may: authorOrAdministrator },
  },
});
