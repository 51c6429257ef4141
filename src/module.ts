import type { EntitySchema } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AbilityDeclaration } from './auth/abilities.js';
import type { ResolverClass } from './graphql/build.js';
import type { NodeDefinition } from './graphql/node.js';

/** A class or schema of MikroORM. */
// biome-ignore lint/suspicious/noExplicitAny: a list of entities of every shape
export type Entity = EntitySchema<any> | (new (...args: any[]) => object);

/** What a feature brings to the server; its folder's index.ts exports one. */
export interface Module {
  readonly name: string;
  readonly entities?: readonly Entity[];
  readonly resolvers: readonly ResolverClass[];
  /** The abilities of the feature, by name. */
  readonly abilities?: Readonly<Record<string, AbilityDeclaration>>;
  /** The types whose records `node(id:)` finds. */
  readonly nodes?: readonly NodeDefinition[];
  /** Deletes what is of no use any more; the server calls it daily. Returns how many rows went. */
  prune?(em: EntityManager, now: Date): Promise<number>;
}
