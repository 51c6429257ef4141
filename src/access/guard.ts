import { Extensions } from 'type-graphql';
import type { Rule } from './rules.js';

/** The key under which the rules of a type or a field stand in the schema's extensions. */
export const guardExtension = 'guard';

/**
 * Puts rules on a field or on a type. All of them must hold, and a field's add to its type's. A field that no guard
 * covers stops the start.
 */
export function Guard(...rules: [Rule, ...Rule[]]): ReturnType<typeof Extensions> {
  return Extensions({ [guardExtension]: rules });
}

/** The rules that {@link Guard} left in a type's or a field's extensions. */
export function guardOf(extensions: Readonly<Record<string, unknown>> | null | undefined): readonly Rule[] {
  return (extensions?.[guardExtension] as readonly Rule[] | undefined) ?? [];
}
