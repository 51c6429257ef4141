import type { FilterQuery } from '@mikro-orm/core';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { decodeId } from '../access/record.js';
import { administrator, firstParty, tokenCan } from '../access/rules.js';
import { Audited } from '../graphql/audited.js';
import { findPage, type Page, PageArgs } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { containing } from '../graphql/search.js';
import { userSubject } from './account.js';
import { readActivity } from './activity.js';
import { changeStanding } from './standing.js';
import { User } from './user.entity.js';
import { UserPolicy } from './user.policy.js';
import { UserConnection, UserType } from './user.type.js';

@Resolver(() => UserType)
export class AdministrationResolver {
  @Guard(tokenCan('user:read'), administrator)
  @Query(() => UserConnection, { description: 'Everyone who has an account, the latest first.' })
  async users(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only users whose name or e-mail address contains this, in any case.',
    })
    search: string | null | undefined,
    @Arg('administrator', () => Boolean, {
      nullable: true,
      description: 'Only administrators, or only the others; without it, both.',
    })
    isAdministrator: boolean | null | undefined,
    @Arg('disabled', () => Boolean, {
      nullable: true,
      description: 'Only disabled accounts, or only the others; without it, both.',
    })
    isDisabled: boolean | null | undefined,
    @Ctx() context: Context,
  ): Promise<Page<User>> {
    const text = containing(search);
    const conditions: FilterQuery<User>[] = [UserPolicy.scope(context.principal)];
    if (text !== null) {
      conditions.push({ $or: [{ name: text }, { email: text }] });
    }
    if (isAdministrator != null) {
      conditions.push({ isAdministrator });
    }
    if (isDisabled != null) {
      conditions.push({ disabledAt: isDisabled ? { $ne: null } : null });
    }
    await context.services.usage.flush();
    return findPage(context.em, User, { $and: conditions }, page);
  }

  @Audited('user.standing')
  @Guard(firstParty, administrator)
  @Mutation(() => UserType, {
    description:
      'Makes another user an administrator or an ordinary one, disables or enables the account. Its sessions end; the tokens of a disabled account are refused from their next request on.',
  })
  async updateUser(
    @Arg('id', () => ID, { description: 'The id of another user.' }) id: string,
    @Arg('administrator', () => Boolean, {
      nullable: true,
      description: 'Whether the user is an administrator; without it, as it was.',
    })
    isAdministrator: boolean | null | undefined,
    @Arg('disabled', () => Boolean, {
      nullable: true,
      description: 'Whether the account is disabled; without it, as it was.',
    })
    isDisabled: boolean | null | undefined,
    @Ctx() context: Context,
  ): Promise<User> {
    const uuid = decodeId(UserPolicy, id, 'id');
    const wanted = { administrator: isAdministrator, disabled: isDisabled };
    const { user } = await context.audited({ action: 'user.standing', subject: userSubject(uuid) }, () =>
      changeStanding(context.em, uuid, wanted, context.auditSource),
    );
    return user;
  }

  @FieldResolver()
  administrator(@Root() user: Pick<User, 'isAdministrator'>): boolean {
    return user.isAdministrator;
  }

  @FieldResolver()
  async apiTokenCount(@Root() user: Pick<User, 'id'>, @Ctx() context: Context): Promise<number> {
    return (await context.loaders.figure(readActivity, user.id))?.apiTokenCount ?? 0;
  }

  @FieldResolver()
  async lastActiveAt(@Root() user: Pick<User, 'id'>, @Ctx() context: Context): Promise<Date | null> {
    return (await context.loaders.figure(readActivity, user.id))?.lastActiveAt ?? null;
  }
}
