import type { GraphQLFieldResolver } from 'graphql';

/** What a resolver answers from the record and the context alone; whatever it cannot answer so, it throws. */
export type Swift = (record: unknown, context: unknown) => unknown;

// biome-ignore lint/suspicious/noExplicitAny: resolvers of every kind of record and context
type AnyResolver = GraphQLFieldResolver<any, any>;

const swift = new WeakMap<AnyResolver, Swift>();

/**
 * Gives a resolver a second form, for executions that know only how to succeed: without arguments and without the
 * description of the field's place, which cost more to make than most answers. Both forms must agree.
 */
export function withSwift<Resolver extends AnyResolver>(resolver: Resolver, form: Swift): Resolver {
  swift.set(resolver, form);
  return resolver;
}

/** The second form; reading the property for a field that has no resolver. */
export function swiftOf(name: string, resolver: AnyResolver | undefined): Swift | undefined {
  return resolver === undefined ? (record) => propertyOf(record as Record<string, unknown>, name) : swift.get(resolver);
}

/** Methods want arguments, which the full form gives. */
function propertyOf(record: Record<string, unknown>, name: string): unknown {
  const value = record[name];
  if (typeof value === 'function') {
    throw new Error(`${name} is a method.`);
  }
  return value;
}
