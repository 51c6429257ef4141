import type { EntityManager } from '@mikro-orm/postgresql';
import { User } from '../users/user.entity.js';

/** The account of an e-mail address in any spelling of case; throws a sentence when there is none. */
export async function accountByEmail(em: EntityManager, email: string): Promise<User> {
  const user = await em.findOne(User, { email: email.trim().toLowerCase() });
  if (user === null) {
    throw new Error(`No account has the e-mail address ${email}.`);
  }
  return user;
}
