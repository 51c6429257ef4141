import fastify from 'fastify';
import pg from 'pg';

/**
 * The practical limit: bare Fastify and pg, no GraphQL, no authentication, one prepared statement a request. Every
 * figure of the benchmark is a ratio to this server.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

const page = {
  name: 'page',
  text: `select p.id, p.title, p.created_at as "createdAt", u.id as "authorId", u.name as "authorName", u.email as "authorEmail"
         from posts p join users u on u.id = p.author_id order by p.id desc limit $1`,
};
const user = { name: 'user', text: 'select id from users where id = $1' };
const change = {
  name: 'change',
  text: 'update posts set title = $2, updated_at = now(), version = version + 1 where id = $1 returning id, title',
};

const app = fastify({ logger: false });

app.get('/posts', async (request) => {
  const { rows } = await pool.query({ ...page, values: [Number(request.query.first)] });
  return rows;
});

app.get('/user', async (request) => {
  const { rows } = await pool.query({ ...user, values: [request.query.id] });
  return rows[0];
});

app.post('/post', async (request) => {
  const { rows } = await pool.query({ ...change, values: [request.body.id, request.body.title] });
  return rows[0];
});

await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
