import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { LatchkeyError, wrongCredentials } from '../errors.js';
import { type AccountRow, accountColumns, toPrincipalUser } from './account-row.js';
import { type AuditSource, passwordSource } from './audit.js';
import type { AuditAction } from './audit-event.entity.js';
import type { RequestFacts } from './authenticate.js';
import type { Passwords } from './passwords.js';
import type { PrincipalUser } from './principal.js';
import type { RefusalRecorder } from './refusals.js';
import type { Throttle } from './throttle.js';

/** What a person types to prove who they are; the e-mail in its stored spelling. */
export interface Credentials {
  email: string;
  password: string;
}

/** An account, and the hash that a password of it was checked against. */
export interface SignedIn {
  readonly user: PrincipalUser;
  readonly passwordHash: string;
}

/** What signing in takes of the server. */
export interface SignInServices {
  readonly em: EntityManager;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly refusals: RefusalRecorder;
}

/**
 * The account that the e-mail and the password belong to, and the hash that now stands for the password. Every call is
 * counted before the password is looked at; an unknown e-mail, a wrong password and a disabled account take the same work
 * and give the same `UNAUTHENTICATED`. A refusal is written down as one of `action`.
 */
export async function signIn(
  { em, passwords, throttle, refusals }: SignInServices,
  { email, password }: Credentials,
  request: RequestFacts,
  action: AuditAction,
): Promise<SignedIn> {
  const attempt = { email, ip: request.ip };
  const refused = (error: LatchkeyError, accountId: string | null) => {
    noteRefused(refusals, passwordSource(request, null), action, error, accountId);
    return error;
  };
  passwords.admit();
  await throttle.attempt(attempt).catch((error: unknown) => {
    throw error instanceof LatchkeyError ? refused(error, null) : error;
  });
  const { rows } = await sql<AccountRow & { password_hash: string }>(
    em,
    `select ${accountColumns}, u.password_hash from users u where u.email = $1`,
    [email],
  );
  const [row] = rows;
  const right = await passwords.verify(row?.password_hash ?? null, password);
  const user = row === undefined ? null : toPrincipalUser(row);
  if (!right || row === undefined || user === null) {
    const reason = row === undefined ? 'unknown_account' : user === null ? 'disabled_account' : 'wrong_password';
    throw refused(wrongCredentials(reason), row?.user_id ?? null);
  }
  await throttle.succeeded(attempt);
  if (!passwords.needsRehash(row.password_hash)) {
    return { user, passwordHash: row.password_hash };
  }
  const passwordHash = await passwords.hash(password);
  // Only over the hash that was checked: the password may have been changed meanwhile, or hashed anew by another sign-in.
  const { rows: standing } = await sql<{ password_hash: string }>(
    em,
    `update users set password_hash = case when password_hash = $3 then $2 else password_hash end
     where id = $1 returning password_hash`,
    [user.id, passwordHash, row.password_hash],
  );
  const stands = standing[0]?.password_hash ?? null;
  if (stands === null || (stands !== passwordHash && !(await passwords.verify(stands, password)))) {
    throw refused(wrongCredentials('wrong_password'), user.id);
  }
  return { user, passwordHash: stands };
}

/**
 * Signs in and makes something of it. When that is refused it is written down alike: by nobody known where the account has
 * changed meanwhile, else by the one who knows the password, so that nobody tries one without a trace.
 */
export async function withSignIn<Made>(
  services: SignInServices,
  credentials: Credentials,
  request: RequestFacts,
  action: AuditAction,
  make: (account: SignedIn) => Promise<Made>,
): Promise<Made> {
  const account = await signIn(services, credentials, request, action);
  try {
    return await make(account);
  } catch (error) {
    if (error instanceof LatchkeyError) {
      const actorId = error.code === 'UNAUTHENTICATED' ? null : account.user.id;
      noteRefused(services.refusals, passwordSource(request, actorId), action, error, account.user.id);
    }
    throw error;
  }
}

function noteRefused(
  refusals: RefusalRecorder,
  source: AuditSource,
  action: AuditAction,
  { code }: LatchkeyError,
  accountId: string | null,
): void {
  const subject = accountId === null ? null : { type: 'USER' as const, id: accountId, ownerId: accountId };
  refusals.note(source, { action, code, subject });
}
