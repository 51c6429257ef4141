import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from './context.js';
import { Post, User } from './entities.js';
import { PostConnection, PostType, Viewer } from './types.js';

@Resolver()
export class ViewerResolver {
  @Query(() => Viewer)
  viewer(@Ctx() { user }: Context): Viewer {
    return { user };
  }
}

@Resolver(() => PostType)
export class PostResolver {
  @Query(() => PostConnection)
  async posts(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Ctx() { em, user }: Context,
  ): Promise<PostConnection> {
    const visible = user?.isAdministrator ? {} : { $or: [{ published: true }, { author: user }] };
    const nodes = await em.find(Post, visible, { populate: ['author'], orderBy: { id: 'desc' }, limit: first });
    return { nodes };
  }

  @Mutation(() => PostType)
  async createPost(
    @Arg('title', () => String) title: string,
    @Arg('body', () => String) body: string,
    @Arg('published', () => Boolean, { defaultValue: false }) published: boolean,
    @Ctx() { em, user }: Context,
  ): Promise<Post> {
    const post = em.create(Post, { title, body, published, author: em.getReference(User, user?.id ?? '') });
    await em.flush();
    return post;
  }

  @Mutation(() => PostType)
  async updatePost(
    @Arg('id', () => ID) id: string,
    @Arg('title', () => String, { nullable: true }) title: string | null,
    @Arg('body', () => String, { nullable: true }) body: string | null,
    @Arg('published', () => Boolean, { nullable: true }) published: boolean | null,
    @Ctx() { em }: Context,
  ): Promise<Post> {
    const post = await em.findOneOrFail(Post, { id });
    post.title = title ?? post.title;
    post.body = body ?? post.body;
    post.published = published ?? post.published;
    await em.flush();
    return post;
  }
}
