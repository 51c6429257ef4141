import { Catalogue } from './auth/abilities.js';
import { type BuiltSchema, buildGuardedSchema } from './graphql/build.js';
import type { Module } from './module.js';

/** The schema of a list of modules, guarded, and the abilities that they declare. */
export function guardedSchema(modules: readonly Module[]): BuiltSchema & { catalogue: Catalogue } {
  const names = modules.map((module) => module.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`Two modules are called "${twice}".`);
  }
  const catalogue = new Catalogue(Object.fromEntries(modules.map((module) => [module.name, { ...module.abilities }])));
  const resolvers = modules.flatMap((module) => module.resolvers);
  const nodes = modules.flatMap((module) => module.nodes ?? []);
  return { ...buildGuardedSchema(resolvers, catalogue, nodes), catalogue };
}
