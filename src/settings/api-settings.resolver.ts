import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { administrator, open, tokenCan } from '../access/rules.js';
import { Audited } from '../graphql/audited.js';
import type { Context } from '../graphql/context.js';
import { ApiSettings } from './api-settings.entity.js';
import { ApiSettingsType } from './api-settings.type.js';
import { changeSettings } from './change.js';

@Resolver(() => ApiSettingsType)
export class ApiSettingsResolver {
  @Guard(open('its fields decide for themselves'))
  @Query(() => ApiSettingsType, { description: 'The settings of the API for tokens.' })
  async apiSettings(@Ctx() context: Context): Promise<ApiSettings> {
    return context.em.findOneOrFail(ApiSettings, { id: 1 });
  }

  @Audited('settings.update')
  @Guard(tokenCan('settings:update'), administrator)
  @Mutation(() => ApiSettingsType, { description: 'Changes the settings, from the next request on.' })
  async updateApiSettings(
    @Arg('enabled', () => Boolean, {
      nullable: true,
      description: 'Whether tokens are accepted; without it, as it was.',
    })
    enabled: boolean | null | undefined,
    @Arg('defaultAbilities', () => [String], {
      nullable: true,
      description: 'The abilities that a form ticks at first; without them, as they were.',
    })
    defaultAbilities: string[] | null | undefined,
    @Arg('maximumTokenLifetimeDays', () => Int, {
      nullable: true,
      description: 'Days that a token may live, 1 or more; null lifts the limit; without it, as it was.',
    })
    maximumTokenLifetimeDays: number | null | undefined,
    @Ctx() context: Context,
  ): Promise<ApiSettings> {
    const settings = await changeSettings(
      context.em,
      context.services.catalogue,
      { enabled, defaultAbilities, maximumTokenLifetimeDays },
      context.auditSource,
    );
    context.forgetApi();
    return settings;
  }
}
