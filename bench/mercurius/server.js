import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { GraphQLScalarType } from 'graphql';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import pg from 'pg';
import { v7 } from 'uuid';
import { readCredential, sameHash } from '../credentials.js';
import { insert, page, sessionOwner, tokenOwner, update, visiblePage } from './statements.js';

/**
 * The fastest thing that a specialist would write by hand: Mercurius with its JIT, mercurius-auth on every field,
 * prepared SQL with the authors joined in, and one look-up a request.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

async function principalOf({ reply }) {
  const credential = readCredential(reply.request.headers);
  if (credential?.kind === 'token') {
    const { rows } = await pool.query({ ...tokenOwner, values: [credential.id] });
    const [row] = rows;
    if (row !== undefined && sameHash(row.secret_hash, credential.hash)) {
      const abilities = new Set(row.abilities);
      return { user: row, can: (ability) => abilities.has(ability) };
    }
  } else if (credential?.kind === 'session') {
    const { rows } = await pool.query({ ...sessionOwner, values: [credential.hash] });
    if (rows.length === 1) {
      return { user: rows[0], can: () => true };
    }
  }
  return { user: null, can: () => false };
}

/** A row of the flat join as the schema nests it. */
function toPost(row) {
  const { authorId, authorName, authorEmail, authorCreatedAt, ...post } = row;
  return { ...post, author: { id: authorId, name: authorName, email: authorEmail, createdAt: authorCreatedAt } };
}

const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (value) => value.toISOString() }),
  Query: {
    viewer: (_source, _args, { auth }) => ({ user: auth.user }),
    posts: async (_source, { first }, { auth }) => {
      const query = auth.user.is_administrator
        ? { ...page, values: [first] }
        : { ...visiblePage, values: [first, auth.user.id] };
      const { rows } = await pool.query(query);
      return { nodes: rows.map(toPost) };
    },
  },
  Mutation: {
    createPost: async (_source, { title, body, published }, { auth }) => {
      const { rows } = await pool.query({ ...insert, values: [v7(), auth.user.id, title, body, published] });
      return toPost(rows[0]);
    },
    updatePost: async (_source, { id, title, body, published }, { auth }) => {
      const values = [id, title, body, published, auth.user.id, auth.user.is_administrator];
      const { rows } = await pool.query({ ...update, values });
      if (rows.length === 0) {
        throw new mercurius.ErrorWithProps('Only the author or an administrator.', { code: 'FORBIDDEN' });
      }
      return toPost(rows[0]);
    },
  },
};

const open = { may: () => true };
const able = (ability) => ({ may: (auth) => auth.can(ability), ability });
const readsPosts = able('post:read');
const readsUsers = able('user:read');

/** Of every field one policy; the one of `email` looks at the record as well. */
const policy = {
  Query: { viewer: open, posts: readsPosts },
  Mutation: { createPost: able('post:create'), updatePost: able('post:update') },
  Viewer: { user: open },
  PostConnection: { nodes: readsPosts },
  Post: fields(['id', 'title', 'body', 'published', 'author', 'createdAt', 'updatedAt'], readsPosts),
  User: {
    ...fields(['id', 'name', 'createdAt'], readsUsers),
    email: {
      may: (auth, user) => auth.can('user:read') && (auth.user.is_administrator || auth.user.id === user.id),
      ability: 'user:read',
    },
  },
};

function fields(names, rule) {
  return Object.fromEntries(names.map((name) => [name, rule]));
}

const app = fastify({ logger: false });
app.register(mercurius, {
  schema: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  jit: 1,
});
app.register(mercuriusAuth, {
  mode: 'external',
  policy,
  authContext: principalOf,
  applyPolicy: ({ may, ability }, source, _args, { auth }) =>
    may(auth, source) || new mercurius.ErrorWithProps('Not allowed.', { code: 'FORBIDDEN', missing: [ability] }),
});
await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
