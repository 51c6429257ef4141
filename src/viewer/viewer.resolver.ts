import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { open } from '../access/rules.js';
import type { Principal, PrincipalUser } from '../auth/principal.js';
import { accountOf, type Context } from '../graphql/context.js';
import { ApiToken } from '../tokens/api-token.entity.js';
import type { ApiTokenLimitsType } from '../tokens/api-token-limits.type.js';
import { ViewerType } from './viewer.type.js';

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Guard(open('everyone may ask who they are'))
  @Query(() => ViewerType, { description: 'Who is asking: a guest, a session or a token.' })
  viewer(@Ctx() context: Context): Principal {
    return context.principal;
  }

  @FieldResolver()
  user(@Root() principal: Principal): PrincipalUser | null {
    return principal.user;
  }

  @FieldResolver()
  async token(@Root() principal: Principal, @Ctx() context: Context): Promise<ApiToken | null> {
    const { id } = principal.credential;
    return principal.kind === 'TOKEN' && id !== null ? context.loaders.load(ApiToken, id) : null;
  }

  @FieldResolver()
  abilities(@Root() principal: Principal): string[] {
    return [...principal.credential.abilities].sort();
  }

  @FieldResolver()
  async apiTokenLimits(@Root() principal: Principal, @Ctx() context: Context): Promise<ApiTokenLimitsType> {
    const { maximumTokenLifetimeDays } = await context.api();
    return {
      maximumLifetimeDays: maximumTokenLifetimeDays,
      maximumCount: context.services.config.tokensPerUser,
      count: await context.em.count(ApiToken, { user: accountOf(principal).id }),
    };
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether the credential may ask for this: always for a session, exactly for a token, never for a guest.',
  })
  tokenCan(
    @Root() principal: Principal,
    @Arg('ability', () => String, { description: 'The name of an ability, such as `post:update`.' }) ability: string,
  ): boolean {
    return principal.tokenCan(ability);
  }
}
