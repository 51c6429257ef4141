import type { Module } from '../module.js';
import { postAbilities } from './post.abilities.js';
import { Post } from './post.entity.js';
import { PostPolicy } from './post.policy.js';
import { PostResolver, UserPostsResolver } from './post.resolver.js';

/** The sample resource: copy this folder to add your own, and put one line into modules.ts. */
export const posts: Module = {
  name: 'posts',
  entities: [Post],
  resolvers: [PostResolver, UserPostsResolver],
  abilities: postAbilities,
  nodes: [{ type: 'Post', policy: PostPolicy }],
};
