import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../errors.js';
import { ApiToken } from './api-token.entity.js';

/**
 * Deletes a token in one statement, so that of many requests at once exactly one succeeds; the others get `NOT_FOUND`, and
 * so does whoever names an owner that it does not have.
 */
export async function revoke(em: EntityManager, uuid: string, ownerId?: string): Promise<void> {
  if ((await em.nativeDelete(ApiToken, { id: uuid, ...(ownerId !== undefined && { user: ownerId }) })) === 0) {
    throw notFound();
  }
}
