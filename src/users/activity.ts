import type { EntityManager } from '@mikro-orm/postgresql';
import { momentExpression, toMoment } from '../database/moment.js';
import { sql } from '../database/sql.js';

/** What the credentials of an account tell of it. */
export interface Activity {
  readonly apiTokenCount: number;
  readonly lastActiveAt: Date | null;
}

/** The activity of each of these accounts. */
export async function readActivity(
  em: EntityManager,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Activity>> {
  const { rows } = await sql<{ id: string; tokens: number; active_at: number | null }>(
    em,
    `select u.id, coalesce(t.count, 0)::int as tokens,
       ${momentExpression('greatest(t.used_at, s.active_at)')} as active_at
     from unnest($1::uuid[]) as u(id)
     left join lateral (select count(*), max(last_used_at) as used_at from api_tokens where user_id = u.id) t on true
     left join lateral (select max(last_active_at) as active_at from sessions where user_id = u.id) s on true`,
    [userIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      { apiTokenCount: row.tokens, lastActiveAt: row.active_at === null ? null : toMoment(row.active_at) },
    ]),
  );
}
