import { type GraphQLSchema, isObjectType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
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

/** Lets every type with ids of its own answer `id` with the public form of the UUID. */
export function encodeIds(schema: GraphQLSchema, nodes: readonly NodeDefinition[]): void {
  for (const { type: name, policy } of nodes) {
    const type = schema.getType(name);
    const field = isObjectType(type) ? type.getFields().id : undefined;
    if (field === undefined) {
      throw new Error(`The type ${name} must be in the schema and have an id.`);
    }
    field.resolve = (record: { id: string }) => policy.id.encode(record.id);
  }
}

function nameOf(typeClass: unknown): string | undefined {
  return getMetadataStorage().objectTypes.find(({ target }) => target === typeClass)?.name;
}
