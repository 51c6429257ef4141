import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { firstIdAt } from './audit.js';

const dayMs = 86_400_000;
const batch = 10_000;

/** Deletes the events that are older than so many days, 0 for none; returns how many. Each statement takes few enough to be quick. */
export async function pruneAuditEvents(em: EntityManager, days: number, now: Date): Promise<number> {
  if (days === 0) {
    return 0;
  }
  const before = firstIdAt(new Date(now.getTime() - days * dayMs));
  for (let deleted = 0; ; ) {
    const { affected } = await sql(
      em,
      `delete from audit_events where id in (select id from audit_events where id < $1 order by id limit ${batch})`,
      [before],
    );
    deleted += affected;
    if (affected < batch) {
      return deleted;
    }
  }
}
