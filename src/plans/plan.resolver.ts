import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { Arg, Ctx, Info, Query, Resolver } from 'type-graphql';
import { type Reading, readDocument } from '../access/document.js';
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
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): AccessPlanType {
    const { principal, services } = context;
    const { access, catalogue } = services;
    const read = readOnce(context, info.schema, document, operationName ?? null);
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

const readings = new WeakMap<Context, Map<string, Reading>>();

/** The documents of one request have the tokens of one together, so that many plans cost no more than one document. */
function readOnce(context: Context, schema: GraphQLSchema, text: string, operationName: string | null): Reading {
  const { access, config } = context.services;
  const known = readings.get(context) ?? new Map<string, Reading>();
  readings.set(context, known);
  const key = JSON.stringify([text, operationName]);
  let reading = known.get(key);
  if (reading === undefined) {
    const limits = readingLimits(config.limits, access.tree);
    const spent = [...known.values()].reduce((sum, { tokens }) => sum + tokens, 0);
    const maxTokens = Math.max(0, limits.maxTokens - spent);
    reading = readDocument(schema, text, operationName, { ...limits, maxTokens });
    known.set(key, reading);
  }
  return reading;
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
