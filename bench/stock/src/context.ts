import type { IncomingHttpHeaders } from 'node:http';
import type { EntityManager } from '@mikro-orm/postgresql';
import { readCredential, sameHash } from '../../credentials.js';
import { ApiToken, Session, type User } from './entities.js';

export interface Context {
  em: EntityManager;
  user: User | null;
  can(ability: string): boolean;
}

/** A fork of the entity manager and the principal for every request, as the libraries' guides build a context. */
export async function buildContext(em: EntityManager, headers: IncomingHttpHeaders): Promise<Context> {
  const credential = readCredential(headers);
  if (credential?.kind === 'token') {
    const token = await em.findOne(ApiToken, { id: credential.id }, { populate: ['user'] });
    const alive = token !== null && (token.expiresAt == null || token.expiresAt > new Date());
    if (alive && sameHash(token.secretHash, credential.hash)) {
      return { em, user: token.user, can: (ability) => token.abilities.includes(ability) };
    }
  } else if (credential?.kind === 'session') {
    const session = await em.findOne(Session, { secretHash: credential.hash }, { populate: ['user'] });
    if (session !== null && session.expiresAt > new Date()) {
      return { em, user: session.user, can: () => true };
    }
  }
  return { em, user: null, can: () => false };
}
