import assert from 'node:assert/strict';
import { missingAbilities, works } from './works.js';

/** What is true according to the database itself. */
export function truth(pool, facts) {
  return {
    ...facts,
    async posts(first) {
      const { rows } = await pool.query(
        `select p.id, p.title, p.created_at as "createdAt", json_build_object('id', u.id, 'name', u.name, 'email', u.email) as author
         from posts p join users u on u.id = p.author_id order by p.id desc limit $1`,
        [first],
      );
      return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
    },
    async post(id) {
      const { rows } = await pool.query('select id, title from posts where id = $1', [id]);
      return rows[0];
    },
    async countPosts() {
      const { rows } = await pool.query('select count(*)::int as count from posts');
      return rows[0].count;
    },
  };
}

/**
 * Sends the first request of a work and compares the answer with the database. Returns what every later answer must look
 * like, so that a server cannot become fast by answering something else under load.
 */
export async function verify(server, name, work, database) {
  const [request] = work.requests(server.kind, database, 0);
  const before = await database.countPosts();
  const response = await fetch(`http://127.0.0.1:${server.port}${request.path}`, {
    method: request.method,
    headers: { ...request.headers, ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: request.body === undefined ? undefined : JSON.stringify(request.body),
  });
  const text = await response.text();
  const what = `${server.label} answers ${name} with ${response.status} ${text.slice(0, 500)}`;
  let answer;
  try {
    answer = work.read(server.kind, JSON.parse(text));
  } catch (error) {
    throw new Error(what, { cause: error });
  }
  assert.deepEqual(answer, await work.expected(database), what);
  assert.equal(await database.countPosts(), before, `${server.label} wrote a post while it refused ${name}.`);
  if (work === works.denied) {
    verifyRefusal(server, JSON.parse(text), response.status, what);
  } else {
    assert.equal(response.status, 200, what);
  }
  const length = lengthOfData(Buffer.from(text));
  return (status, body) =>
    status === response.status &&
    work.succeeds(body, server.kind) &&
    (!work.fixedLength || isAsLong(lengthOfData(body), length));
}

/** Only Latchkey says all that is missing; the others refuse at the first thing. */
function verifyRefusal(server, body, status, what) {
  if (server.kind.ids === 'typeid') {
    assert.equal(status, 403, what);
    assert.deepEqual(body.errors[0].extensions.missing, missingAbilities, what);
  }
}

/** Without what the answer says of its cost, whose numbers grow and shrink. */
function lengthOfData(body) {
  const end = body.lastIndexOf(',"extensions":{"cost":');
  return end < 0 ? body.length : end;
}

/** A body in chunks is a little longer than what it holds. */
function isAsLong(actual, length) {
  const overhead = actual - length;
  return overhead >= 0 && overhead < 64;
}
