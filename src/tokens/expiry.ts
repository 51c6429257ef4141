import type { EntityManager } from '@mikro-orm/postgresql';
import { type AuditSource, change, record, serverJob } from '../auth/audit.js';
import { sqlWithin } from '../database/sql.js';

const statement = `delete from api_tokens t using api_settings s
where s.id = 1
  and least(t.expires_at, t.created_at + make_interval(hours => 24 * s.maximum_token_lifetime_days)) < $1`;

/** Deletes the tokens that have been expired for longer than `hours`, by their own end or by that of the settings. */
export async function pruneExpiredTokens(
  em: EntityManager,
  now: Date,
  hours: number,
  by: AuditSource = serverJob,
): Promise<number> {
  const before = new Date(now.getTime() - hours * 3_600_000);
  return em.fork().transactional(async (unit) => {
    const { affected } = await sqlWithin(unit, statement, [before.toISOString()]);
    if (affected > 0) {
      record(unit, by, { action: 'token.prune', subject: null, changes: change('tokens', null, affected) });
    }
    return affected;
  });
}
