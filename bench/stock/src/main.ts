import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { MikroORM } from '@mikro-orm/postgresql';
import { buildSchema } from 'type-graphql';
import { buildContext, type Context } from './context.js';
import { ApiToken, Post, Session, User } from './entities.js';
import { guarded } from './permissions.js';
import { PostResolver, ViewerResolver } from './resolvers.js';

// The same part of the schema as the libraries' own documentation teaches to build it.
const orm = await MikroORM.init({
  entities: [User, Post, ApiToken, Session],
  clientUrl: process.env.DATABASE_URL,
  pool: { min: 0, max: 10 },
});
const schema = await buildSchema({ resolvers: [ViewerResolver, PostResolver] });
const server = new ApolloServer<Context>({ schema: guarded(schema) });
await startStandaloneServer(server, {
  listen: { host: process.env.HOST, port: Number(process.env.PORT) },
  context: ({ req }) => buildContext(orm.em.fork(), req.headers),
});
