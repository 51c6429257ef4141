/**
 * Conditions each of which lets some of the records through, and which together let through what `where` does. PostgreSQL
 * reads the newest records of `a or b` by the order of their keys, past all others; of each alternative it reads them by
 * an index on its column and the key. What cannot be taken apart is its own only alternative.
 *
 * Only an `$or` of equal values is taken apart, at the top of a condition or of its `$and`: another one has no such index.
 */
export function alternatives(where: unknown): readonly unknown[] {
  const parts = conjuncts(where);
  const at = parts.findIndex((part) => isObject(part) && isChoice(part));
  if (at === -1) {
    return [where];
  }
  const { $or: choices } = parts[at] as { $or: unknown[] };
  return choices.map((choice) => ({ $and: parts.with(at, choice) }));
}

function conjuncts(where: unknown): unknown[] {
  return isObject(where) && Object.keys(where).length === 1 && Array.isArray(where.$and)
    ? where.$and.flatMap(conjuncts)
    : [where];
}

function isChoice(condition: Record<string, unknown>): boolean {
  const { $or: choices, ...others } = condition;
  return Array.isArray(choices) && choices.length > 1 && Object.keys(others).length === 0 && choices.every(isEquality);
}

/** Whether a condition asks for equal values of columns, and for nothing else. */
function isEquality(condition: unknown): boolean {
  return (
    isObject(condition) &&
    Object.entries(condition).every(
      ([property, value]) => !property.startsWith('$') && ['string', 'number', 'boolean'].includes(typeof value),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
