import { type GraphQLSchema, isObjectType } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray } from 'type-graphql';
import { enforce } from '../access/enforce.js';
import { isGuardedClass } from '../access/guard.js';
import type { Planner } from '../access/plan.js';
import { describeAccess } from '../access/sentence.js';
import { AccessError, type AccessTree, deriveTree } from '../access/tree.js';
import type { Catalogue } from '../auth/abilities.js';
import type { Context } from './context.js';
import { type NodeDefinition, NodeResolver } from './node.js';
import { callStraight, encodeIds, readPropertiesPlainly } from './plain-fields.js';
import { DateTime } from './scalars.js';

// biome-ignore lint/complexity/noBannedTypes: type-graphql's own word for a resolver class
export type ResolverClass = Function;

export interface BuiltSchema {
  readonly schema: GraphQLSchema;
  readonly tree: AccessTree;
  readonly planner: Planner;
}

/**
 * From the modules' resolvers to the schema that is served: built, checked for a rule on every field, and enforcing them.
 * Throws an AccessError that names every field without a rule.
 */
export function buildGuardedSchema(
  resolvers: readonly ResolverClass[],
  catalogue: Catalogue,
  nodes: readonly NodeDefinition[] = [],
): BuiltSchema {
  refuseIdle(resolvers, 'a resolver class', 'the fields');
  const bare = buildSchemaSync({
    resolvers: [NodeResolver, ...resolvers] as NonEmptyArray<ResolverClass>,
    // Arguments are checked by zod in the resolvers, which report them by name.
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  refuseIdle(argumentClasses(resolvers), 'the class of arguments', 'the field that takes them');
  readPropertiesPlainly(bare);
  callStraight(bare);
  encodeIds(bare, nodes);
  const tree = deriveTree(bare, catalogue);
  describeAccess(bare, tree);
  const { schema, planner } = enforce(bare, tree);
  separateMutations(schema);
  describeRoots(schema);
  return { schema, tree, planner };
}

function refuseIdle(classes: readonly ResolverClass[], kind: string, proper: string): void {
  const idle = classes.filter(isGuardedClass).map(({ name }) => name);
  if (idle.length > 0) {
    throw new AccessError(
      idle.map((name) => `${name}: a guard on ${kind} guards nothing. Put it on ${proper}.`).join('\n'),
    );
  }
}

/** The classes in which the fields of resolvers take several arguments at once; they are no types of the schema. */
function argumentClasses(resolvers: readonly ResolverClass[]): ResolverClass[] {
  const { queries, mutations, fieldResolvers } = getMetadataStorage();
  return [...queries, ...mutations, ...fieldResolvers]
    .filter(({ target }) => resolvers.includes(target))
    .flatMap(({ params }) => params ?? [])
    .flatMap((param) => (param.kind === 'args' ? [param.getType() as ResolverClass] : []));
}

/**
 * Keeps the mutations of a document apart: none sees what another one's fields had read before it, and one that failed
 * leaves nothing in the unit of work that the next would write.
 */
function separateMutations(schema: GraphQLSchema): void {
  const mutation = schema.getMutationType();
  if (!isObjectType(mutation)) {
    return;
  }
  for (const field of Object.values(mutation.getFields())) {
    const { resolve } = field;
    field.resolve = async (source, args, context: Context, info) => {
      context.loaders.clear();
      try {
        return await resolve?.(source, args, context, info);
      } catch (error) {
        context.em.clear();
        throw error;
      }
    };
  }
}

/** type-graphql has no place for the descriptions of the root types. */
function describeRoots(schema: GraphQLSchema): void {
  const descriptions = [
    [schema.getQueryType(), 'What can be read.'],
    [
      schema.getMutationType(),
      'What can be changed. A document that lacks an ability is refused before any of it runs.',
    ],
  ] as const;
  for (const [type, description] of descriptions) {
    if (type) {
      type.description = description;
    }
  }
}
