import pg from 'pg';
import { atEnd } from './closing.js';
import { fill } from './data.js';
import { truth } from './verify.js';

/** A filled database, and what is true in it. */
export async function openDataset(cluster, name) {
  const url = await cluster.createDatabase(name);
  const facts = await fill(url);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {});
  atEnd(() => pool.end());
  const { rows } = await pool.query('select id from posts where author_id = $1 order by id', [facts.administratorId]);
  return { url, pool, truth: truth(pool, { ...facts, ownPosts: rows.map(({ id }) => id) }) };
}
