import { v7 } from 'uuid';
import { createApp } from '../dist/src/app.js';
import { readApiState } from '../dist/src/auth/api-state.js';
import { serverStart } from '../dist/src/auth/audit.js';
import { formatToken, hashSecret, newSecret } from '../dist/src/auth/token-text.js';
import { loadConfig } from '../dist/src/config.js';
import { sql } from '../dist/src/database/sql.js';
import { Post } from '../dist/src/posts/post.entity.js';
import { changeSettings } from '../dist/src/settings/change.js';
import { issueToken } from '../dist/src/tokens/issuance.js';
import { createAccount, toPrincipalUser } from '../dist/src/users/account.js';

const userCount = 20;
const postCount = 1_000;

/** How many tokens with known text a database for the question "how many tokens" holds; requests take turns with them. */
export const knownTokens = 1_000;

/**
 * Fills a database through the product's own code: 20 users, 1,000 posts, an administrator with a token and a session, a
 * token that can next to nothing, and the API switched on.
 */
export async function fill(databaseUrl) {
  const app = await createApp(
    loadConfig({ NODE_ENV: 'production', PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: databaseUrl }),
  );
  try {
    const { services } = app;
    const em = services.em.fork();
    await changeSettings(em.fork(), services.catalogue, { enabled: true }, serverStart);
    const users = [];
    for (let index = 0; index < userCount; index += 1) {
      const name = `User ${index + 1}`;
      const email = `user-${index + 1}@example.com`;
      const account = { name, email, password: newSecret(), isAdministrator: index === 0 };
      users.push(await createAccount(em, services.passwords, account, serverStart));
    }
    const [administrator] = users;
    const start = Date.now() - postCount * 1_000;
    for (let index = 0; index < postCount; index += 1) {
      const msecs = start + index * 1_000;
      const author = users[index % userCount].id;
      const createdAt = new Date(msecs);
      // Titles have one length, so that an answer has one length whatever the updates have done.
      const title = titleOf(index);
      em.create(Post, {
        id: v7({ msecs }),
        createdAt,
        title,
        body: 'A text. '.repeat(60),
        published: index % 10 > 0,
        author,
      });
    }
    await em.flush();
    const issue = async (name, abilities) => {
      const api = await readApiState(services.em);
      const issuer = { em, catalogue: services.catalogue, prefix: services.config.tokenPrefix, limitPerUser: 100, api };
      const request = {
        ownerId: administrator.id,
        owner: administrator,
        name,
        abilities,
        expiresAt: null,
        by: serverStart,
      };
      return (await issueToken(issuer, request, new Date())).plainTextToken;
    };
    const facts = { id: '', ip: '127.0.0.1', userAgent: 'bench', authorization: [], sessionSecret: null };
    const { secret } = await services.sessions.begin(toPrincipalUser(administrator), facts, new Date());
    await sql(services.em, 'analyze');
    return {
      administratorId: administrator.id,
      token: await issue('Bench', ['post:read', 'user:read', 'post:update']),
      weakToken: await issue('Bench, denied', ['post:delete']),
      sessionSecret: secret,
    };
  } finally {
    await app.close();
  }
}

/** A title of a length that never changes. */
export function titleOf(number) {
  return `The post with the number ${String(number % 1e9).padStart(9, '0')}`;
}

/**
 * Tokens of the administrator with known text, their times spread evenly over a year, so that look-ups reach all parts
 * of the index. Written as rows, because nobody could issue so many.
 */
export async function addKnownTokens(pool, ownerId) {
  const now = Date.now();
  const tokens = Array.from({ length: knownTokens }, (_, index) => ({
    id: v7({ msecs: now - Math.round((index / knownTokens) * yearMs) }),
    secret: newSecret(),
  }));
  await pool.query('delete from api_tokens');
  await pool.query(
    `insert into api_tokens (id, created_at, user_id, name, secret_hash, abilities)
     select t.id, now(), $2, 'Known', t.hash, '{user:read}' from unnest($1::uuid[], $3::text[]) as t(id, hash)`,
    [tokens.map(({ id }) => id), ownerId, tokens.map(({ secret }) => hashSecret(secret))],
  );
  return tokens.map((token) => formatToken('lk', token));
}

const yearMs = 365 * 86_400_000;

/** Fills up with tokens that nobody uses, of all users and of the same year, until there are so many. */
export async function growTokens(pool, total) {
  await pool.query(
    `insert into api_tokens (id, created_at, user_id, name, secret_hash, abilities, last_used_at)
     select (lpad(to_hex((extract(epoch from now()) * 1000 - random() * ${yearMs})::bigint), 12, '0') || '7' ||
         substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
       now(), owners.ids[1 + floor(random() * cardinality(owners.ids))::int], 'Filler',
       md5(random()::text) || md5(random()::text), '{post:read,user:read}', now()
     from (select array_agg(id) as ids from users) owners,
       generate_series(1, $1::int - (select count(*)::int from api_tokens))`,
    [total],
  );
  await pool.query('vacuum analyze api_tokens');
}
