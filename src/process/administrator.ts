import type { EntityManager } from '@mikro-orm/postgresql';
import { serverStart } from '../auth/audit.js';
import type { Passwords } from '../auth/passwords.js';
import { type Config, ConfigError } from '../config.js';
import { LatchkeyError } from '../errors.js';
import { createAccount } from '../users/account.js';
import { User } from '../users/user.entity.js';

/** Makes the administrator of ADMIN_EMAIL when there is no such account; returns what the operator has to know, in sentences. */
export async function ensureAdministrator(
  em: EntityManager,
  passwords: Passwords,
  given: Config['administrator'],
): Promise<string[]> {
  const notes: string[] = [];
  if (given !== undefined) {
    const email = given.email.trim().toLowerCase();
    if (await made(em, passwords, email, given.password)) {
      notes.push(`${email} is the administrator, with the password of ADMIN_PASSWORD.`);
    } else if ((await em.fork().count(User, { email, isAdministrator: false })) > 0) {
      notes.push(
        `The account ${email} of ADMIN_EMAIL is no administrator and was left so. To change that:\n  npx latchkey user promote ${email}`,
      );
    }
  }
  if ((await em.fork().count(User, { isAdministrator: true, disabledAt: null })) === 0) {
    notes.push(
      'There is no administrator. To make one:\n  npx latchkey user create --admin --email you@example.com --name "Your Name"',
    );
  }
  return notes;
}

/** Does what takes ADMIN_EMAIL and ADMIN_PASSWORD, and names them when they are what is wrong. */
export async function namingAdministrator<T>(given: Config['administrator'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (given !== undefined && error instanceof LatchkeyError && error.code === 'BAD_USER_INPUT') {
      throw new ConfigError(`ADMIN_EMAIL and ADMIN_PASSWORD make no account: ${error.message}`);
    }
    throw error;
  }
}

async function made(em: EntityManager, passwords: Passwords, email: string, password: string): Promise<boolean> {
  if ((await em.fork().count(User, { email })) > 0) {
    return false;
  }
  try {
    await createAccount(em, passwords, { name: 'Administrator', email, password, isAdministrator: true }, serverStart);
    return true;
  } catch (error) {
    // Instances that start together all try, and one of them is first.
    if (error instanceof LatchkeyError && error.code === 'CONFLICT') {
      return false;
    }
    throw error;
  }
}
