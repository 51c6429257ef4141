import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { NodeResolver } from '../src/graphql/node.js';
import { modules } from '../src/registry.js';

/** The types of the real schema without its guards, for a test that gives their fields resolvers of its own. */
export function schemaOfModules(): GraphQLSchema {
  const resolvers = [NodeResolver, ...modules.flatMap((module) => module.resolvers)];
  return buildSchemaSync({ resolvers: resolvers as NonEmptyArray<(typeof resolvers)[number]>, validate: false });
}
