import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { withSwift } from '../access/swift.js';
import type { NodeDefinition } from './node.js';

/**
 * Takes type-graphql's wrapper off fields that only read a property: it makes a promise of every value, and graphql-js
 * reads properties by itself.
 */
export function readPropertiesPlainly(schema: GraphQLSchema): void {
  const resolved = new Set(
    getMetadataStorage().fieldResolvers.map(
      ({ getObjectType, schemaName }) => `${nameOf(getObjectType?.())}.${schemaName}`,
    ),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || roots.includes(type) || type.name.startsWith('__')) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      if (!resolved.has(`${type.name}.${field.name}`)) {
        field.resolve = undefined;
      }
    }
  }
}

type FieldResolverMetadata = ReturnType<typeof getMetadataStorage>['fieldResolvers'][number];
type Method = (...parameters: unknown[]) => unknown;

/**
 * Calls field resolvers that want nothing but the record, the context and the field's place without type-graphql's
 * preparation, which sorts the parameters of every call anew. One instance of a resolver class serves all its fields.
 */
export function callStraight(schema: GraphQLSchema): void {
  const instances = new Map<unknown, Record<string, Method>>();
  for (const resolver of getMetadataStorage().fieldResolvers) {
    const type = schema.getType(nameOf(resolver.getObjectType?.()) ?? '');
    const field = isObjectType(type) ? type.getFields()[resolver.schemaName] : undefined;
    const positions = [...(resolver.params ?? [])].sort((a, b) => a.index - b.index).map(positionOf);
    const simple = resolver.kind === 'external' && (resolver.middlewares ?? []).length === 0;
    if (field === undefined || !simple || positions.includes(null)) {
      continue;
    }
    const instance = instances.get(resolver.target) ?? new (resolver.target as new () => Record<string, Method>)();
    instances.set(resolver.target, instance);
    const method = instance[resolver.methodName]?.bind(instance);
    const call: GraphQLFieldResolver<unknown, unknown> = (...given) =>
      method?.(...positions.map((position) => given[position ?? 0]));
    field.resolve = positions.includes(3)
      ? call
      : withSwift(call, (record, context) =>
          method?.(...positions.map((position) => (position === 0 ? record : context))),
        );
  }
}

/** Where a resolver's parameter stands among the four that graphql-js gives; null when type-graphql has to make it. */
function positionOf(param: NonNullable<FieldResolverMetadata['params']>[number]): 0 | 2 | 3 | null {
  switch (param.kind) {
    case 'root':
      return param.propertyName === undefined && param.getType === undefined ? 0 : null;
    case 'context':
      return param.propertyName === undefined ? 2 : null;
    case 'info':
      return 3;
    default:
      return null;
  }
}

/** Lets every type with ids of its own answer `id` with the public form of the UUID. */
export function encodeIds(schema: GraphQLSchema, nodes: readonly NodeDefinition[]): void {
  for (const { type: name, policy } of nodes) {
    const type = schema.getType(name);
    const field = isObjectType(type) ? type.getFields().id : undefined;
    if (field === undefined) {
      throw new Error(`The type ${name} must be in the schema and have an id.`);
    }
    const encoded = (record: unknown) => policy.id.encode((record as { id: string }).id);
    field.resolve = withSwift(encoded, encoded);
  }
}

function nameOf(typeClass: unknown): string | undefined {
  return getMetadataStorage().objectTypes.find(({ target }) => target === typeClass)?.name;
}
