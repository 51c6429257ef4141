import { createRequire } from 'node:module';
import type { GraphQLSchema } from 'graphql';
import type { Context } from './context.js';
import { Post } from './entities.js';

// The ES module of graphql-shield 7.6.5 does not load on Node 23 and newer, so both come from their CommonJS builds.
const require = createRequire(import.meta.url);
const { allow, and, deny, rule, shield } = require('graphql-shield') as typeof import('graphql-shield');
const { applyMiddleware } = require('graphql-middleware') as typeof import('graphql-middleware');

const isAuthenticated = rule('isAuthenticated', { cache: 'contextual' })(
  async (_parent, _args, context: Context) => context.user !== null,
);

const can = (ability: string) =>
  rule(`can ${ability}`, { cache: 'contextual' })(async (_parent, _args, context: Context) => context.can(ability));

const isSelfOrAdministrator = rule('isSelfOrAdministrator')(
  async (parent: { id: string }, _args, { user }: Context) => user?.id === parent.id || user?.isAdministrator === true,
);

const isAuthorOrAdministrator = rule('isAuthorOrAdministrator')(
  async (_parent, { id }: { id: string }, { em, user }: Context) => {
    const post = await em.findOne(Post, { id });
    return post !== null && (post.author.id === user?.id || user?.isAdministrator === true);
  },
);

const readsPosts = can('post:read');
const readsUsers = can('user:read');

const permissions = shield(
  {
    Query: { viewer: allow, posts: and(isAuthenticated, readsPosts) },
    Mutation: {
      createPost: and(isAuthenticated, can('post:create')),
      updatePost: and(isAuthenticated, can('post:update'), isAuthorOrAdministrator),
    },
    Viewer: allow,
    PostConnection: readsPosts,
    Post: readsPosts,
    User: { '*': readsUsers, email: and(readsUsers, isSelfOrAdministrator) },
  },
  { fallbackRule: deny },
);

/** graphql-shield over every field, as its guide puts it there. */
export function guarded(schema: GraphQLSchema): GraphQLSchema {
  return applyMiddleware(schema, permissions);
}
