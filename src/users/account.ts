import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { z } from 'zod';
import { type AuditSource, type AuditSubject, change, record } from '../auth/audit.js';
import { type Passwords, prepared } from '../auth/passwords.js';
import type { PrincipalUser } from '../auth/principal.js';
import { badUserInput, conflict } from '../errors.js';
import { checked, email, line, newPassword } from '../graphql/input.js';
import { User } from './user.entity.js';

const accountShape = z.object({ name: line, email, password: newPassword });

/** What a new account is made of. */
export type NewAccount = z.input<typeof accountShape> & { isAdministrator?: boolean };

/** Throws `BAD_USER_INPUT` for bad values and `CONFLICT` for an e-mail that is taken; nothing is written then. */
export async function createAccount(
  em: EntityManager,
  passwords: Passwords,
  account: NewAccount,
  by: AuditSource,
): Promise<User> {
  const input = checkedAccount(account);
  const fork = em.fork();
  const user = fork.create(User, {
    id: v7(),
    name: input.name,
    email: input.email,
    passwordHash: await passwords.hash(input.password),
    isAdministrator: account.isAdministrator ?? false,
  });
  // Whoever registers is the account that they make.
  recordCreation(fork, by.via === 'GRAPHQL' ? { ...by, actorId: by.actorId ?? user.id } : by, user);
  await saveEmail(() => fork.flush());
  return user;
}

/** Writes down, in the unit of work that makes it, that an account is made. */
export function recordCreation(unit: EntityManager, by: AuditSource, { id, isAdministrator }: User): void {
  record(unit, by, {
    action: 'user.create',
    subject: userSubject(id),
    changes: change('administrator', null, isAdministrator),
  });
}

/** An account as an event names it. */
export function userSubject(id: string): AuditSubject {
  return { type: 'USER', id, ownerId: id };
}

/** Throws `CONFLICT` when what is written gives someone an e-mail that is taken. */
export async function saveEmail(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) {
      throw conflict('This e-mail address already has an account.', { email: ['is taken.'] });
    }
    throw error;
  }
}

/** Checks a new account without making it. */
export function checkedAccount(account: NewAccount): z.output<typeof accountShape> {
  const input = checked(accountShape, account);
  refuseOwnEmail(input.password, input.email, 'password');
  return input;
}

/** The first guess of everyone who knows the address. */
export function refuseOwnEmail(password: string, address: string, argument: string): void {
  if (prepared(password).trim().toLowerCase() === address) {
    throw badUserInput({ [argument]: ['must not be the e-mail address.'] });
  }
}

/** The account as a principal carries it. */
export function toPrincipalUser(user: User): PrincipalUser {
  const { id, name, email, isAdministrator, createdAt } = user;
  return { id, name, email, isAdministrator, createdAt };
}
