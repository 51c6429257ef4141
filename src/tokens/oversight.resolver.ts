import type { FilterQuery } from '@mikro-orm/core';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { decodeId } from '../access/record.js';
import { administrator, firstParty } from '../access/rules.js';
import { badUserInput } from '../errors.js';
import { Audited } from '../graphql/audited.js';
import { findPage, type Page, PageArgs } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { DateTime } from '../graphql/scalars.js';
import { containing } from '../graphql/search.js';
import { UserPolicy } from '../users/user.policy.js';
import { ApiToken } from './api-token.entity.js';
import { ApiTokenPolicy } from './api-token.policy.js';
import { ApiTokenConnection } from './api-token.type.js';
import { revoke } from './revocation.js';

/** Everyone's tokens, for administrators; while the API is off, too, because that is when someone cleans up. */
@Resolver()
export class OversightResolver {
  @Guard(firstParty, administrator)
  @Query(() => ApiTokenConnection, { description: 'The tokens of all users, the latest first.' })
  async allApiTokens(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only tokens whose name, or whose owner’s name or e-mail address, contains this, in any case.',
    })
    search: string | null | undefined,
    @Arg('owner', () => ID, { nullable: true, description: 'Only tokens of the user with this id.' })
    owner: string | null | undefined,
    @Arg('ability', () => String, {
      nullable: true,
      description: 'Only tokens that were given this ability, by its own name or by another one that brings it.',
    })
    ability: string | null | undefined,
    @Arg('unusedSince', () => DateTime, {
      nullable: true,
      description: 'Only tokens that are older than this and have not been used since.',
    })
    unusedSince: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<Page<ApiToken>> {
    const text = containing(search);
    const conditions: FilterQuery<ApiToken>[] = [];
    if (text !== null) {
      conditions.push({ $or: [{ name: text }, { user: { $or: [{ name: text }, { email: text }] } }] });
    }
    if (owner != null) {
      conditions.push({ user: decodeId(UserPolicy, owner, 'owner') });
    }
    if (ability != null) {
      const grants = context.services.catalogue.grantsOf(ability);
      if (grants.length === 0) {
        throw badUserInput({ ability: [`${JSON.stringify(ability.slice(0, 64))} is not an ability.`] });
      }
      conditions.push({ abilities: { $overlap: grants } });
    }
    if (unusedSince != null) {
      conditions.push({
        createdAt: { $lt: unusedSince },
        $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: unusedSince } }],
      });
    }
    await context.services.usage.flush();
    return findPage(context.em, ApiToken, { $and: conditions }, page);
  }

  @Audited('token.revoke')
  @Guard(firstParty, administrator)
  @Mutation(() => ID, { description: 'Revokes any user’s token from the next request on; returns the id.' })
  async revokeApiToken(
    @Arg('id', () => ID, { description: 'The id of a token.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    await revoke(context.em, decodeId(ApiTokenPolicy, id, 'id'), context.auditSource);
    return id;
  }
}
