import {
  defaultFieldResolver,
  defaultTypeResolver,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  getNamedType,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import type { Principal } from '../auth/principal.js';
import { LatchkeyError, type Refusal } from '../errors.js';
import { type Fragments, type PlanEntry, Planner } from './plan.js';
import { decide, preflight } from './preflight.js';
import type { PresenceRule, RuleContext } from './rules.js';
import { shieldRecords } from './shield.js';
import type { AccessTree, GuardedField } from './tree.js';

/** Which operation was let through, with which variables, and for whom. */
export interface Clearance {
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly principal: Principal;
}

/** A context that remembers what the preflight let through. */
export interface ClearableContext extends RuleContext {
  clearance: Clearance | null;
}

type Variables = Readonly<Record<string, unknown>>;

type Resolver = GraphQLFieldResolver<unknown, ClearableContext>;

/**
 * Makes a schema enforce its rules by itself. Root fields refuse an operation that no preflight let through, by running
 * it; what a plan cannot know beforehand (concrete types, a principal that changes on the way) is decided here by the
 * same rules; records are graphql-shield's.
 */
export function enforce(schema: GraphQLSchema, tree: AccessTree): { schema: GraphQLSchema; planner: Planner } {
  const shielded = shieldRecords(schema, tree);
  const plans = new Planner(shielded, tree);
  const roots = new Set([shielded.getQueryType(), shielded.getMutationType(), shielded.getSubscriptionType()]);
  for (const type of Object.values(shielded.getTypeMap())) {
    if (isAbstractType(type)) {
      type.resolveType = decideWhenKnown(type.resolveType ?? defaultTypeResolver, plans);
    }
    if (!isObjectType(type) || isIntrospectionType(type)) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      const guarded = tree.field(type.name, field.name);
      let resolve = (field.resolve ?? defaultFieldResolver) as Resolver;
      if (guarded.changesPrincipal) {
        resolve = decideBelow(resolve, plans, guarded);
      }
      if (guarded.presence !== null) {
        resolve = absentUnless(guarded.presence, resolve);
      }
      if (roots.has(type)) {
        resolve = decideAtRoot(resolve, plans, guarded);
      }
      if (resolve !== field.resolve && resolve !== defaultFieldResolver) {
        field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
      }
    }
  }
  return { schema: shielded, planner: plans };
}

function absentUnless(presence: PresenceRule, resolve: Resolver): Resolver {
  return (source, args, context, info) =>
    presence.holds(context.principal) ? resolve(source, args, context, info) : null;
}

/** Lets a root field run only under a clearance for this operation and this principal. */
function decideAtRoot(resolve: Resolver, plans: Planner, guarded: GuardedField): Resolver {
  return (source, args, context, info) => {
    const { clearance } = context;
    const cleared = clearance !== null && clearance.operation === info.operation && selectsTheSame(clearance, info);
    if (cleared && clearance.principal === context.principal) {
      return resolve(source, args, context, info);
    }
    const decided = cleared
      ? preflight([entryOf(guarded), ...below(plans, info, guarded)], context, info.variableValues)
      : clear(plans, context, info.operation, info.fragments, info.variableValues);
    return decided.then(() => resolve(source, args, context, info));
  };
}

/** Throws what {@link clearance} refuses. */
export async function clear(...operation: Parameters<typeof clearance>): Promise<void> {
  const refused = await clearance(...operation);
  if (refused !== null) {
    throw LatchkeyError.of(refused);
  }
}

/** Runs the preflight for a whole operation and leaves its clearance in the context; null when it may run. */
export async function clearance(
  plans: Planner,
  context: ClearableContext,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  variables: Variables,
): Promise<Refusal | null> {
  const { principal } = context;
  const refused = await decide(plans.operation(operation, fragments), context, variables);
  if (refused === null) {
    context.clearance = { operation, variables, principal };
  }
  return refused;
}

/** Of all variables only booleans can open or close a selection. */
function selectsTheSame({ operation, variables }: Clearance, { variableValues }: GraphQLResolveInfo): boolean {
  return (operation.variableDefinitions ?? []).every(({ variable }) => {
    const before = variables[variable.name.value];
    const now = variableValues[variable.name.value];
    return before === now || (typeof before !== 'boolean' && typeof now !== 'boolean');
  });
}

/** Decides what is selected below a field that changes who is asking, for who is asking afterwards. */
function decideBelow(resolve: Resolver, plans: Planner, guarded: GuardedField): Resolver {
  return async (source, args, context, info) => {
    const value = await resolve(source, args, context, info);
    await preflight(below(plans, info, guarded, true), context, info.variableValues);
    return value;
  };
}

/**
 * Decides what is selected below a value of an abstract type at the one place that every such value passes, however
 * deep in lists, sets and promises a resolver returned it: where graphql-js asks for its concrete type.
 */
function decideWhenKnown(resolveType: GraphQLTypeResolver<unknown, ClearableContext>, plans: Planner) {
  return async (value: unknown, context: ClearableContext, info: GraphQLResolveInfo, type: GraphQLAbstractType) => {
    const name = await resolveType(value, context, info, type);
    if (name !== undefined) {
      await decideConcrete(plans, context, info, name);
    }
    return name;
  };
}

/**
 * Decides a field of an abstract type for one concrete type: its selection, and the rules of the type itself, because an
 * object of which nothing is selected still tells that it exists. Resolvers that know the type early call it first.
 */
export async function decideConcrete(
  plans: Planner,
  context: ClearableContext,
  info: GraphQLResolveInfo,
  typeName: string,
): Promise<void> {
  const type = info.schema.getType(typeName);
  if (isObjectType(type)) {
    await preflight(selections(plans, info, type), context, info.variableValues);
    await preflight(plans.type(type), context, info.variableValues);
  }
}

function below(plans: Planner, info: GraphQLResolveInfo, guarded: GuardedField, evenAfterChange = false): PlanEntry[] {
  const type = getNamedType(info.returnType);
  return isObjectType(type) && (evenAfterChange || !guarded.changesPrincipal) ? selections(plans, info, type) : [];
}

function selections(plans: Planner, info: GraphQLResolveInfo, type: Parameters<Planner['selection']>[1]): PlanEntry[] {
  return info.fieldNodes.flatMap((node) =>
    node.selectionSet === undefined ? [] : plans.selection(node.selectionSet, type, info.fragments),
  );
}

function entryOf(guarded: GuardedField): PlanEntry {
  return { coordinate: guarded.coordinate, rules: guarded.principalRules, recordRules: [], gates: [] };
}
