import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Query, Resolver } from 'type-graphql';
import { readDocument } from '../access/document.js';
import { Guard } from '../access/guard.js';
import { type AccessNeeds, needsOf } from '../access/needs.js';
import { introspection } from '../access/rules.js';
import type { Principal } from '../auth/principal.js';
import type { Context } from '../graphql/context.js';
import { readingLimits } from '../graphql/limits.js';
import { AccessPlanType } from './plan.type.js';

@Resolver()
export class PlanResolver {
  @Guard(introspection)
  @Query(() => AccessPlanType, { description: 'What a document needs, without running it.' })
  accessPlan(
    @Arg('document', () => String, { description: 'The text of a GraphQL document.' }) document: string,
    @Arg('operationName', () => String, {
      nullable: true,
      description: 'Which of its operations, when it has several.',
    })
    operationName: string | null | undefined,
    @Arg('preferCoarse', () => Boolean, {
      defaultValue: false,
      description: 'Name the coarse abilities (`read`) in place of the fine ones (`post:read`).',
    })
    preferCoarse: boolean,
    @Ctx() { principal, services }: Context,
    @Info() info: GraphQLResolveInfo,
  ): AccessPlanType {
    const { access, catalogue, config } = services;
    const limits = readingLimits(config.limits, access.tree);
    const read = readDocument(info.schema, document, operationName ?? null, limits);
    if ('errors' in read) {
      const errors = read.errors.map(({ message, locations }) => ({
        message,
        line: locations?.[0]?.line ?? null,
        column: locations?.[0]?.column ?? null,
      }));
      return { ...nothing, valid: false, errors };
    }
    const needs = needsOf(access.planner, read.operation, read.fragments, preferCoarse ? catalogue : null);
    return {
      valid: true,
      errors: [],
      operationName: read.operation.name?.value ?? null,
      ...needs,
      ...standing(needs, principal),
    };
  }
}

const nothing = {
  operationName: null,
  sets: [],
  coordinates: [],
  firstParty: false,
  administrator: false,
  policies: [],
  granted: [],
  missing: [],
  createTokenPath: null,
};

/** How far a credential is from the alternative that it is nearest to. */
function standing({ sets }: AccessNeeds, principal: Principal): { granted: string[]; missing: string[] } {
  const nearest = sets
    .map((set) => ({
      granted: set.filter((ability) => principal.tokenCan(ability)),
      missing: set.filter((ability) => !principal.tokenCan(ability)),
    }))
    .sort((a, b) => a.missing.length - b.missing.length)[0];
  return nearest ?? { granted: [], missing: [] };
}
