import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { z } from 'zod';
import { Guard } from '../access/guard.js';
import { changesPrincipal, firstParty, notNarrowed, oncePerRequest, open, trustedOrigin } from '../access/rules.js';
import type { Principal, PrincipalUser } from '../auth/principal.js';
import { badUserInput, unauthenticated } from '../errors.js';
import { accountOf, type Context } from '../graphql/context.js';
import { checked, email, givenPassword, line, newPassword } from '../graphql/input.js';
import { ViewerType } from '../viewer/viewer.type.js';
import { checkedAccount, createAccount, refuseOwnEmail, saveEmail, toPrincipalUser } from './account.js';
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
    const user = await createAccount(context.em, context.services.passwords, account);
    return context.beginSession(toPrincipalUser(user));
  }

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
    const user =
      input.email == null || input.email === account.email
        ? await ownAccount(context)
        : await moved(context, input.email, input.currentPassword ?? null);
    user.name = input.name ?? user.name;
    await saveEmail(context.em);
    return context.accountChanged(toPrincipalUser(user));
  }

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
    const user = await confirmed(context, account, input.currentPassword, 'currentPassword');
    await replaceHash(context, user, await context.services.passwords.hash(input.newPassword));
    const principal = await context.beginSession(account, user.passwordHash);
    await context.services.sessions.endOthers(account.id, principal.credential.id);
    return principal;
  }

  @Guard(firstParty, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, { description: 'Deletes the account with its sessions, tokens and posts.' })
  async deleteAccount(
    @Arg('password', () => String, { description: 'The password, to make sure.' }) password: string,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const input = checked(deleteShape, { password });
    const account = accountOf(context.principal);
    await confirmed(context, account, input.password, 'password');
    await removeAccount(context.em, account.id);
    return context.endSession();
  }
}

/** The account under its new address, if the password is right; not yet written. */
async function moved(context: Context, address: string, password: string | null): Promise<User> {
  if (password === null) {
    throw badUserInput({ currentPassword: ['is needed for another e-mail address.'] });
  }
  refuseOwnEmail(password, address, 'currentPassword');
  // The answer tells whether an address has an account, as that of a registration does, so it is counted as one.
  context.services.passwords.admit();
  await context.services.throttle.registration(context.request.ip);
  const user = await confirmed(context, accountOf(context.principal), password, 'currentPassword');
  user.email = address;
  return user;
}

/** Writes a new hash over the one that was checked, and over no other: a change that came first stands. */
async function replaceHash(context: Context, user: User, passwordHash: string): Promise<void> {
  const checkedOne = { id: user.id, passwordHash: user.passwordHash };
  if ((await context.em.nativeUpdate(User, checkedOne, { passwordHash, updatedAt: new Date() })) === 0) {
    throw badUserInput({ currentPassword: ['is not the password of this account.'] });
  }
  await context.em.refresh(user, { populate: ['passwordHash'] });
}

/** The account that asks; deleted meanwhile, it is nobody's. */
async function ownAccount(context: Context): Promise<User> {
  const user = await context.em.findOne(User, { id: accountOf(context.principal).id });
  if (user === null) {
    throw unauthenticated();
  }
  return user;
}

/** The account, if the password is right; counted like a login, because it guesses the same password. */
async function confirmed(context: Context, account: PrincipalUser, password: string, argument: string): Promise<User> {
  const { throttle, passwords } = context.services;
  const attempt = { email: account.email, ip: context.request.ip };
  passwords.admit();
  await throttle.attempt(attempt);
  const user = await context.em.findOneOrFail(User, { id: account.id }, { populate: ['passwordHash'] });
  if (!(await passwords.verify(user.passwordHash ?? null, password))) {
    throw badUserInput({ [argument]: ['is not the password of this account.'] }, 'wrong_password');
  }
  await throttle.succeeded(attempt);
  return user;
}
