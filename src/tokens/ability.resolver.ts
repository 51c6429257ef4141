import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { open } from '../access/rules.js';
import type { CatalogueEntry } from '../auth/abilities.js';
import type { Context } from '../graphql/context.js';
import { AbilityType } from './ability.type.js';

@Resolver(() => AbilityType)
export class AbilityResolver {
  @Guard(open('what a token can be given is no secret'))
  @Query(() => [AbilityType], { description: 'Everything that a token can be given.' })
  abilities(@Ctx() context: Context): readonly CatalogueEntry[] {
    return context.services.catalogue.entries;
  }

  @FieldResolver()
  async isDefault(@Root() ability: CatalogueEntry, @Ctx() context: Context): Promise<boolean> {
    return (await context.api()).defaultAbilities.includes(ability.name);
  }

  @FieldResolver()
  unlocks(@Root() ability: CatalogueEntry, @Ctx() context: Context): string[] {
    return context.services.access.tree.unlockedBy(ability.name, ability.implies);
  }
}
