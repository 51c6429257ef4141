import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../errors.js';
import { ApiToken } from './api-token.entity.js';

/** Deletes a token in one statement, so that of many requests at once exactly one succeeds; the others get `NOT_FOUND`. */
export async function revoke(em: EntityManager, uuid: string): Promise<void> {
  if ((await em.nativeDelete(ApiToken, { id: uuid })) === 0) {
    throw notFound();
  }
}
