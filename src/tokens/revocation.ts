import type { EntityManager } from '@mikro-orm/postgresql';
import { type AuditSource, change, record } from '../auth/audit.js';
import { sqlWithin } from '../database/sql.js';
import { notFound } from '../errors.js';

/**
 * Deletes a token in one statement, so that of many requests at once exactly one succeeds; the others get `NOT_FOUND`, and
 * so does whoever names an owner that it does not have.
 */
export async function revoke(
  em: EntityManager,
  uuid: string,
  by: AuditSource,
  ownerId: string | null = null,
): Promise<void> {
  await em.fork().transactional(async (unit) => {
    const { rows } = await sqlWithin<{ user_id: string; name: string }>(
      unit,
      'delete from api_tokens where id = $1 and ($2::uuid is null or user_id = $2) returning user_id, name',
      [uuid, ownerId],
    );
    const [gone] = rows;
    if (gone === undefined) {
      throw notFound();
    }
    record(unit, by, {
      action: 'token.revoke',
      subject: { type: 'TOKEN', id: uuid, ownerId: gone.user_id },
      changes: change('name', gone.name, null),
    });
  });
}
