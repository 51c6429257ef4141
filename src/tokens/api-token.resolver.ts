import { LockMode } from '@mikro-orm/postgresql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import { Guard } from '../access/guard.js';
import { decodeId } from '../access/record.js';
import { apiEnabled, bearer, firstParty, oncePerRequest, policy } from '../access/rules.js';
import { effectiveExpiry } from '../auth/api-state.js';
import { apiTokenId } from '../auth/api-token-id.js';
import { change, record } from '../auth/audit.js';
import { tokenHead } from '../auth/token-text.js';
import { notFound } from '../errors.js';
import { Audited } from '../graphql/audited.js';
import { findPage, type Page, PageArgs } from '../graphql/connection.js';
import { accountOf, type Context } from '../graphql/context.js';
import { checked, line } from '../graphql/input.js';
import { DateTime } from '../graphql/scalars.js';
import { containing } from '../graphql/search.js';
import { User } from '../users/user.entity.js';
import { ApiToken } from './api-token.entity.js';
import { ApiTokenPolicy } from './api-token.policy.js';
import { ApiTokenConnection, ApiTokenType, NewApiTokenType } from './api-token.type.js';
import { grantable, type IssuedToken, issueToken } from './issuance.js';
import { revoke } from './revocation.js';

@Resolver(() => ApiTokenType)
export class ApiTokenResolver {
  @Guard(firstParty, apiEnabled)
  @Query(() => ApiTokenConnection, { description: 'Your tokens, the latest first.' })
  async apiTokens(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('search', () => String, { nullable: true, description: 'Only tokens whose name contains this, in any case.' })
    search: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<Page<ApiToken>> {
    const name = containing(search);
    await context.services.usage.flush();
    const mine = ApiTokenPolicy.scope(context.principal);
    return findPage(context.em, ApiToken, name === null ? mine : { $and: [mine, { name }] }, page);
  }

  @Audited('token.create')
  @Guard(firstParty, apiEnabled, oncePerRequest)
  @Mutation(() => NewApiTokenType, { description: 'Makes a token. Its text is in the answer and nowhere else.' })
  async createApiToken(
    @Arg('name', () => String, { description: 'What you call it; one line, 255 characters at most.' }) name: string,
    @Arg('abilities', () => [String], {
      description: 'What it may ask for; an empty list is a token that can nothing.',
    })
    abilities: string[],
    @Arg('expiresAt', () => DateTime, {
      nullable: true,
      description: 'When it ends; without it, when the settings say.',
    })
    expiresAt: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<IssuedToken> {
    const owner = accountOf(context.principal);
    const { config, catalogue } = context.services;
    return issueToken(
      {
        em: context.em,
        catalogue,
        prefix: config.tokenPrefix,
        limitPerUser: config.tokensPerUser,
        api: await context.api(),
      },
      { ownerId: owner.id, owner, name, abilities, expiresAt: expiresAt ?? null, by: context.auditSource },
      new Date(),
    );
  }

  @Audited('token.update')
  @Guard(firstParty, apiEnabled, policy(ApiTokenPolicy, 'update'))
  @Mutation(() => ApiTokenType, {
    description: 'Renames a token or changes what it may ask for, from its next request on.',
  })
  async updateApiToken(
    @Arg('id', () => ID, { description: 'The id of one of your tokens.' }) id: string,
    @Arg('name', () => String, { nullable: true, description: 'A new name; without it the name stays.' })
    name: string | null | undefined,
    @Arg('abilities', () => [String], { nullable: true, description: 'New abilities; without them they stay.' })
    abilities: string[] | null | undefined,
    @Ctx() context: Context,
  ): Promise<ApiToken> {
    const owner = accountOf(context.principal);
    const input = checked(
      z.object({ name: line.nullish(), abilities: grantable(context.services.catalogue, owner, false).nullish() }),
      { name, abilities },
    );
    const uuid = decodeId(ApiTokenPolicy, id, 'id');
    // What the rule has seen may have gone meanwhile, and what is not given may have changed.
    return context.em.fork().transactional(async (unit) => {
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const token = await unit.findOne(ApiToken, { id: uuid, user: owner.id }, { lockMode });
      if (token === null) {
        throw notFound();
      }
      const before = { name: token.name, abilities: token.abilities };
      token.name = input.name ?? token.name;
      token.abilities = input.abilities ?? token.abilities;
      const changes = [
        ...change('name', before.name, token.name),
        ...change('abilities', before.abilities, token.abilities),
      ];
      if (changes.length > 0) {
        const subject = { type: 'TOKEN' as const, id: uuid, ownerId: owner.id };
        record(unit, context.auditSource, { action: 'token.update', subject, changes });
      }
      return token;
    });
  }

  @Audited('token.revoke')
  @Guard(firstParty, apiEnabled, policy(ApiTokenPolicy, 'delete'))
  @Mutation(() => ID, { description: 'Revokes a token from the next request on; returns the id.' })
  async deleteApiToken(
    @Arg('id', () => ID, { description: 'The id of one of your tokens.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    const owner = accountOf(context.principal).id;
    await revoke(context.em, decodeId(ApiTokenPolicy, id, 'id'), context.auditSource, owner);
    return id;
  }

  @Audited('token.revoke')
  @Guard(bearer)
  @Mutation(() => ID, {
    description: 'Revokes the token that asks, which is all that a token can do to itself; returns its id.',
  })
  async revokeCurrentApiToken(@Ctx() context: Context): Promise<string> {
    const { id } = context.principal.credential;
    await revoke(context.em, id ?? '', context.auditSource);
    return apiTokenId.encode(id ?? '');
  }

  @FieldResolver()
  async owner(@Root() token: ApiToken, @Ctx() context: Context): Promise<User> {
    const owner = await context.loaders.load(User, token.user.id);
    if (owner === null) {
      throw notFound();
    }
    return owner;
  }

  @FieldResolver()
  preview(@Root() token: ApiToken, @Ctx() context: Context): string {
    return `${tokenHead(context.services.config.tokenPrefix, token.id)}…`;
  }

  @FieldResolver()
  async effectiveAbilities(@Root() token: ApiToken, @Ctx() context: Context): Promise<string[]> {
    const owner = context.principal.is(token.user.id)
      ? context.principal.user
      : await context.loaders.load(User, token.user.id);
    return owner === null ? [] : [...context.services.catalogue.effective(token.abilities, owner)].sort();
  }

  @FieldResolver()
  async expiresAt(@Root() token: ApiToken, @Ctx() context: Context): Promise<Date | null> {
    return effectiveExpiry(token.createdAt, token.expiresAt ?? null, await context.api());
  }
}
