import type { GraphQLField } from 'graphql';
import { Extensions } from 'type-graphql';

const key = 'listSize';

/** Says how many items a list without a `first` may hold, for its cost; the resolver has to hold it. */
export function ListSize(size: number): MethodDecorator & PropertyDecorator {
  return Extensions({ [key]: size });
}

/** What {@link ListSize} says of a field; undefined when nothing does. */
export function listSizeOf({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): number | undefined {
  return extensions[key] as number | undefined;
}
