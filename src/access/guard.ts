import { Extensions } from 'type-graphql';
import type { Rule } from './rules.js';

const keyPrefix = 'guard:';
const guardedClasses = new WeakSet<object>();
let guards = 0;

/**
 * Puts rules on a field or on a type. All of them must hold: a field's add to its type's, and one guard adds to another.
 * A field that no guard covers stops the start.
 */
export function Guard(...rules: [Rule, ...Rule[]]): MethodDecorator & PropertyDecorator & ClassDecorator {
  // Each guard has a key of its own: type-graphql merges the extensions of a field with those of its resolver, and under
  // one key the last guard would silently replace the others.
  guards += 1;
  const put = Extensions({ [`${keyPrefix}${String(guards).padStart(8, '0')}`]: rules });
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (property === undefined) {
      guardedClasses.add(target);
    }
    Reflect.apply(put, undefined, [target, property, descriptor]);
  };
}

/** The rules that every {@link Guard} left in the extensions of a type or a field. */
export function guardOf(extensions: Readonly<Record<string, unknown>> | null | undefined): readonly Rule[] {
  return Object.entries(extensions ?? {})
    .filter(([key]) => key.startsWith(keyPrefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, rules]) => rules as readonly Rule[]);
}

/** Whether a guard stands on the class itself, where it covers the fields of a type but nothing of a resolver. */
export function isGuardedClass(target: object): boolean {
  return guardedClasses.has(target);
}
