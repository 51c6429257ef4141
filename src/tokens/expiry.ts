import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';

/** Deletes the tokens that have been expired for longer than `hours`, by their own end or by that of the settings. */
export async function pruneExpiredTokens(em: EntityManager, now: Date, hours: number): Promise<number> {
  const before = new Date(now.getTime() - hours * 3_600_000);
  const { affected } = await sql(
    em,
    `delete from api_tokens t using api_settings s
     where s.id = 1
       and least(t.expires_at, t.created_at + make_interval(hours => 24 * s.maximum_token_lifetime_days)) < $1`,
    [before.toISOString()],
  );
  return affected;
}
