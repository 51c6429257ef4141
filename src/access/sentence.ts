import type { GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';
import type { Rule } from './rules.js';
import type { AccessTree } from './tree.js';

/** What a client has to bring, in words: "Requires `post:update`. Only the author or an administrator." */
export function sentence(rules: readonly Rule[]): string {
  const told = rules.filter((rule) => rule.kind !== 'transition' && !('reason' in rule));
  return [...new Set(told.map((rule) => rule.description))].join(' ');
}

/** Ends the description of every guarded field with its {@link sentence}, so that introspection says what a field needs. */
export function describeAccess(schema: GraphQLSchema, tree: AccessTree): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      const said = sentence(tree.field(type.name, field.name).rules);
      field.description = [field.description, said].filter(Boolean).join(' ');
    }
  }
}
