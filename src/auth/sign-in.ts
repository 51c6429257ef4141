import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { wrongCredentials } from '../errors.js';
import { type AccountRow, accountColumns, toPrincipalUser } from './account-row.js';
import type { Passwords } from './passwords.js';
import type { PrincipalUser } from './principal.js';
import type { Throttle } from './throttle.js';

/** What a person types to prove who they are; the e-mail in its stored spelling. */
export interface Credentials {
  email: string;
  password: string;
}

/**
 * The account that the e-mail and the password belong to, and the hash that now stands for the password. Every call is counted before the password is looked at; an
 * unknown e-mail, a wrong password and a disabled account take the same work and give the same `UNAUTHENTICATED`.
 */
export async function signIn(
  services: { em: EntityManager; passwords: Passwords; throttle: Throttle },
  { email, password }: Credentials,
  ip: string,
): Promise<{ user: PrincipalUser; passwordHash: string }> {
  const { em, passwords, throttle } = services;
  const attempt = { email, ip };
  passwords.admit();
  await throttle.attempt(attempt);
  const { rows } = await sql<AccountRow & { password_hash: string }>(
    em,
    `select ${accountColumns}, u.password_hash from users u where u.email = $1`,
    [email],
  );
  const [row] = rows;
  const right = await passwords.verify(row?.password_hash ?? null, password);
  const user = row === undefined ? null : toPrincipalUser(row);
  if (!right || row === undefined || user === null) {
    throw wrongCredentials(
      row === undefined ? 'unknown_account' : user === null ? 'disabled_account' : 'wrong_password',
    );
  }
  await throttle.succeeded(attempt);
  if (!passwords.needsRehash(row.password_hash)) {
    return { user, passwordHash: row.password_hash };
  }
  const passwordHash = await passwords.hash(password);
  // Only over the hash that was checked: the password may have been changed meanwhile.
  await sql(em, 'update users set password_hash = $2 where id = $1 and password_hash = $3', [
    user.id,
    passwordHash,
    row.password_hash,
  ]);
  return { user, passwordHash };
}
