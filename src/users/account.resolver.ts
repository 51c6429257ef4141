import type { EntityManager } from '@mikro-orm/postgresql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { z } from 'zod';
import { Guard } from '../access/guard.js';
import { changesPrincipal, firstParty, notNarrowed, oncePerRequest, open, trustedOrigin } from '../access/rules.js';
import { change, guestSource, privateChange, record } from '../auth/audit.js';
import type { AuditAction } from '../auth/audit-event.entity.js';
import type { Principal, PrincipalUser } from '../auth/principal.js';
import { badUserInput, unauthenticated } from '../errors.js';
import { Audited } from '../graphql/audited.js';
import { accountOf, type Context } from '../graphql/context.js';
import { checked, email, givenPassword, line, newPassword } from '../graphql/input.js';
import { ViewerType } from '../viewer/viewer.type.js';
import { checkedAccount, createAccount, refuseOwnEmail, saveEmail, toPrincipalUser, userSubject } from './account.js';
import { removeAccount } from './standing.js';
import { User } from './user.entity.js';

const profileShape = z.object({
  name: line.nullish(),
  email: email.nullish(),
  currentPassword: givenPassword.nullish(),
});
const changeShape = z.object({ currentPassword: givenPassword, newPassword });
const deleteShape = z.object({ password: givenPassword });

@Resolver()
export class AccountResolver {
  @Audited('user.create')
  @Guard(open('anyone may make an account'), trustedOrigin, notNarrowed, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, { description: 'Makes an account and signs the browser in.' })
  async register(
    @Arg('name', () => String, { description: 'What the user is called; one line, 255 characters at most.' })
    name: string,
    @Arg('email', () => String, { description: 'Where the user is reached; in any spelling of case.' }) email: string,
    @Arg('password', () => String, {
      description: 'At least 8 characters, 1024 bytes at most, and none of the commonest.',
    })
    password: string,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const account = { name, email, password };
    checkedAccount(account);
    context.services.passwords.admit();
    await context.services.throttle.registration(context.request.ip);
    const by = guestSource(context.request);
    const user = await createAccount(context.em, context.services.passwords, account, by);
    return context.beginSession(toPrincipalUser(user), { by: { ...by, actorId: user.id } });
  }

  @Audited('user.update')
  @Guard(firstParty, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, {
    description: 'Changes what the account is called and where its user is reached; another e-mail takes the password.',
  })
  async updateAccount(
    @Arg('name', () => String, { nullable: true, description: 'A new name; without it the name stays.' })
    name: string | null | undefined,
    @Arg('email', () => String, { nullable: true, description: 'A new e-mail address; without it the address stays.' })
    address: string | null | undefined,
    @Arg('currentPassword', () => String, {
      nullable: true,
      description: 'The password of today; needed for another e-mail address only.',
    })
    currentPassword: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const input = checked(profileShape, { name, email: address, currentPassword });
    const account = accountOf(context.principal);
    const next = input.email == null || input.email === account.email ? null : input.email;
    const user = next === null ? await ownAccount(context) : await mayMove(context, next, input.currentPassword);
    const profile = { name: input.name ?? user.name, email: next ?? user.email };
    const changes = [
      ...privateChange('name', user.name, profile.name),
      ...privateChange('email', user.email, profile.email),
    ];
    if (changes.length > 0) {
      const written = { ...(input.name != null && { name: input.name }), ...(next !== null && { email: next }) };
      // An address goes with the password that was checked, and with no other.
      const checkedOne = { id: user.id, disabledAt: null, ...(next !== null && { passwordHash: user.passwordHash }) };
      const event = { action: 'user.update', subject: userSubject(user.id) } as const;
      const save = () =>
        context.em.fork().transactional(async (unit) => {
          if ((await unit.nativeUpdate(User, checkedOne, { ...written, updatedAt: new Date() })) === 0) {
            throw unauthenticated();
          }
          record(unit, context.auditSource, { ...event, changes });
        });
      await context.audited(event, () => saveEmail(save));
      await context.em.refresh(user);
    }
    return context.accountChanged(toPrincipalUser(user));
  }

  @Audited('user.password')
  @Guard(firstParty, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, {
    description: 'Changes the password, gives this browser a new session and ends all the others. Tokens go on.',
  })
  async updatePassword(
    @Arg('currentPassword', () => String, { description: 'The password of today.' }) currentPassword: string,
    @Arg('newPassword', () => String, {
      description: 'At least 8 characters, 1024 bytes at most, and none of the commonest.',
    })
    next: string,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const input = checked(changeShape, { currentPassword, newPassword: next });
    const account = accountOf(context.principal);
    refuseOwnEmail(input.newPassword, account.email, 'newPassword');
    const user = await confirmed(context, account, 'user.password', input.currentPassword, 'currentPassword');
    const { passwords, sessions } = context.services;
    const { auditSource } = context;
    const passwordHash = await passwords.hash(input.newPassword);
    const event = { action: 'user.password', subject: userSubject(account.id) } as const;
    const principal = await context.audited(event, () =>
      context.beginSession(account, {
        by: auditSource,
        first: async (unit) => {
          await replaceHash(unit, user, passwordHash);
          const ended = await sessions.deleteOthers(unit, account.id, context.principal.credential.id);
          record(unit, auditSource, { ...event, changes: change('endedSessions', null, ended) });
        },
      }),
    );
    await context.em.refresh(user, { populate: ['passwordHash'] });
    return principal;
  }

  @Audited('user.delete')
  @Guard(firstParty, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, { description: 'Deletes the account with its sessions, tokens and posts.' })
  async deleteAccount(
    @Arg('password', () => String, { description: 'The password, to make sure.' }) password: string,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const input = checked(deleteShape, { password });
    const account = accountOf(context.principal);
    const user = await confirmed(context, account, 'user.delete', input.password, 'password');
    await context.audited({ action: 'user.delete', subject: userSubject(account.id) }, () =>
      removeAccount(context.em, user, context.auditSource),
    );
    return context.endSession();
  }
}

/** The account, if it may take a new address. */
async function mayMove(context: Context, address: string, password: string | null | undefined): Promise<User> {
  if (password == null) {
    throw badUserInput({ currentPassword: ['is needed for another e-mail address.'] });
  }
  refuseOwnEmail(password, address, 'currentPassword');
  // The answer tells whether an address has an account, as that of a registration does, so it is counted as one.
  context.services.passwords.admit();
  await context.services.throttle.registration(context.request.ip);
  return confirmed(context, accountOf(context.principal), 'user.update', password, 'currentPassword');
}

/** Writes a new hash over the one that was checked, and over no other: a change that came first stands. */
async function replaceHash(unit: EntityManager, user: User, passwordHash: string): Promise<void> {
  const checkedOne = { id: user.id, passwordHash: user.passwordHash };
  if ((await unit.nativeUpdate(User, checkedOne, { passwordHash, updatedAt: new Date() })) === 0) {
    throw badUserInput({ currentPassword: ['is not the password of this account.'] });
  }
}

/** The account that asks; deleted meanwhile, it is nobody's. */
async function ownAccount(context: Context, populate: 'passwordHash'[] = []): Promise<User> {
  const user = await context.em.findOne(User, { id: accountOf(context.principal).id }, { populate });
  if (user === null) {
    throw unauthenticated();
  }
  return user;
}

/** The account, if the password is right; counted like a login, because it guesses the same password. */
async function confirmed(
  context: Context,
  account: PrincipalUser,
  action: AuditAction,
  password: string,
  argument: string,
): Promise<User> {
  const { throttle, passwords } = context.services;
  const attempt = { email: account.email, ip: context.request.ip };
  passwords.admit();
  return context.audited({ action, subject: userSubject(account.id) }, async () => {
    await throttle.attempt(attempt);
    const user = await ownAccount(context, ['passwordHash']);
    if (!(await passwords.verify(user.passwordHash ?? null, password))) {
      throw badUserInput({ [argument]: ['is not the password of this account.'] }, 'wrong_password');
    }
    await throttle.succeeded(attempt);
    return user;
  });
}
