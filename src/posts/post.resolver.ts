import { OptimisticLockError } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import { Guard } from '../access/guard.js';
import { decodeId, guardedRecord, visibleRecord } from '../access/record.js';
import { policy, tokenCan } from '../access/rules.js';
import { isRow } from '../database/row.js';
import { conflict, notFound } from '../errors.js';
import { fieldsAsked } from '../graphql/asked.js';
import { type Page, PageArgs, pageRequest, readPage, toPage } from '../graphql/connection.js';
import { accountOf, type Context } from '../graphql/context.js';
import { checked, line, text } from '../graphql/input.js';
import { User } from '../users/user.entity.js';
import { UserPolicy } from '../users/user.policy.js';
import { UserType } from '../users/user.type.js';
import { Post } from './post.entity.js';
import { PostPolicy } from './post.policy.js';
import { PostConnection, PostType } from './post.type.js';

const body = text.max(50_000, 'must have at most 50000 characters.');
const newPost = z.object({ title: line, body, published: z.boolean() });
const changedPost = z.object({ title: line.nullish(), body: body.nullish(), published: z.boolean().nullish() });

@Resolver(() => PostType)
export class PostResolver {
  @Guard(tokenCan('post:read'))
  @Query(() => PostType, { nullable: true, description: 'The post with this id.' })
  async post(
    @Arg('id', () => ID, { description: 'The id of a post.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Post> {
    return visibleRecord(context, PostPolicy, id);
  }

  @Guard(tokenCan('post:read'))
  @Query(() => PostConnection, { description: 'The posts that you may read, the latest first.' })
  async posts(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('author', () => ID, { nullable: true, description: 'Only posts by the user with this id.' })
    author: string | null | undefined,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page<Post>> {
    const mayRead = PostPolicy.scope(context.principal);
    const by = author == null ? {} : { author: decodeId(UserPolicy, author, 'author') };
    return readPage(context.services.rows.of(Post), { $and: [mayRead, by] }, page, {
      fields: fieldsAsked(info, 'Post'),
      related: { author: fieldsAsked(info, 'User') },
    });
  }

  @Guard(tokenCan('post:create'))
  @Mutation(() => PostType, { description: 'Writes a post in your name.' })
  async createPost(
    @Arg('title', () => String, { description: 'One line, 255 characters at most.' }) title: string,
    @Arg('body', () => String, { description: 'The text, 50000 characters at most.' }) text: string,
    @Arg('published', () => Boolean, { defaultValue: false, description: 'Whether everyone may read it at once.' })
    published: boolean,
    @Ctx() context: Context,
  ): Promise<Post> {
    const input = checked(newPost, { title, body: text, published });
    const post = context.em.create(Post, { ...input, author: accountOf(context.principal).id });
    await context.em.flush();
    return post;
  }

  @Guard(tokenCan('post:update'), policy(PostPolicy, 'update'))
  @Mutation(() => PostType, { description: 'Changes the title, the text or the state of a post.' })
  async updatePost(
    @Arg('id', () => ID, { description: 'The id of a post.' }) id: string,
    @Arg('title', () => String, { nullable: true, description: 'A new title; without it the title stays.' })
    title: string | null | undefined,
    @Arg('body', () => String, { nullable: true, description: 'A new text; without it the text stays.' })
    text: string | null | undefined,
    @Arg('published', () => Boolean, {
      nullable: true,
      description: 'Whether everyone may read it; without it, as it was.',
    })
    published: boolean | null | undefined,
    @Ctx() context: Context,
  ): Promise<Post> {
    const input = checked(changedPost, { title, body: text, published });
    const post = await guardedRecord(context, PostPolicy, id);
    post.title = input.title ?? post.title;
    post.body = input.body ?? post.body;
    post.published = input.published ?? post.published;
    try {
      await context.em.flush();
    } catch (error) {
      if (error instanceof OptimisticLockError) {
        throw conflict('Someone else has changed or deleted this post in the meantime.');
      }
      throw error;
    }
    return post;
  }

  @Guard(tokenCan('post:delete'), policy(PostPolicy, 'delete'))
  @Mutation(() => ID, { description: 'Deletes a post; returns the id.' })
  async deletePost(
    @Arg('id', () => ID, { description: 'The id of a post.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    const post = await guardedRecord(context, PostPolicy, id);
    // The author whom the rule has judged: a post that changed hands meanwhile is another decision.
    const deleted = await context.em.nativeDelete(Post, { id: post.id, author: post.author.id });
    if (deleted === 0) {
      throw notFound();
    }
    return id;
  }

  @FieldResolver()
  author(@Root() post: Post, @Ctx() context: Context): User | Promise<User> {
    return isRow(post.author) ? (post.author as unknown as User) : authorOf(post, context);
  }

  @FieldResolver()
  viewerCanUpdate(@Root() post: Post, @Ctx() { principal }: Context): boolean {
    return principal.tokenCan('post:update') && PostPolicy.actions.update.may(principal, post);
  }

  @FieldResolver()
  viewerCanDelete(@Root() post: Post, @Ctx() { principal }: Context): boolean {
    return principal.tokenCan('post:delete') && PostPolicy.actions.delete.may(principal, post);
  }
}

async function authorOf(post: Post, context: Context): Promise<User> {
  const author = await context.loaders.load(User, post.author.id);
  if (author === null) {
    throw notFound();
  }
  return author;
}

@Resolver(() => UserType)
export class UserPostsResolver {
  @Guard(tokenCan('post:read'))
  @FieldResolver(() => PostConnection, { description: 'The posts of this user that you may read, the latest first.' })
  async posts(
    @Root() user: Pick<User, 'id'>,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Page<Post>> {
    const request = pageRequest(page);
    const mayRead = PostPolicy.scope(context.principal);
    return toPage(await context.loaders.page(Post, 'author', user.id, mayRead, request), request);
  }
}
