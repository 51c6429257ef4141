/** The statements of the Mercurius server, all of them prepared by name. */

const account = 'u.id, u.name, u.email, u.is_administrator';

export const tokenOwner = {
  name: 'token-owner',
  text: `select ${account}, t.secret_hash, t.abilities
         from api_tokens t join users u on u.id = t.user_id join api_settings s on s.id = 1
         where t.id = $1 and s.enabled and u.disabled_at is null and (t.expires_at is null or t.expires_at > now())`,
};

export const sessionOwner = {
  name: 'session-owner',
  text: `select ${account} from sessions t join users u on u.id = t.user_id
         where t.secret_hash = $1 and u.disabled_at is null and t.expires_at > now()
           and t.last_active_at > now() - interval '2 hours'`,
};

const columns = `p.id, p.title, p.body, p.published, p.created_at as "createdAt", p.updated_at as "updatedAt",
  u.id as "authorId", u.name as "authorName", u.email as "authorEmail", u.created_at as "authorCreatedAt"`;

export const page = {
  name: 'page',
  text: `select ${columns} from posts p join users u on u.id = p.author_id order by p.id desc limit $1`,
};

export const visiblePage = {
  name: 'visible-page',
  text: `select ${columns} from posts p join users u on u.id = p.author_id
         where p.published or p.author_id = $2 order by p.id desc limit $1`,
};

export const insert = {
  name: 'insert',
  text: `with p as (insert into posts (id, created_at, updated_at, author_id, title, body, published)
           values ($1, now(), now(), $2, $3, $4, $5) returning *)
         select ${columns} from p join users u on u.id = p.author_id`,
};

/** The rule of the record stands in the statement: only the author or an administrator changes a post. */
export const update = {
  name: 'update',
  text: `with p as (update posts set title = coalesce($2, title), body = coalesce($3, body),
             published = coalesce($4, published), updated_at = now(), version = version + 1
           where id = $1 and (author_id = $5 or $6) returning *)
         select ${columns} from p join users u on u.id = p.author_id`,
};
