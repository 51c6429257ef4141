/** About as many characters as a hundred of the longest records; what is beyond them has been asked for several times. */
export const longestAnswer = 10_000_000;

/** What stands around a name and its value. */
const charactersOfEntry = 4;

/** Whether data would have more than so many characters, not counting what has to be escaped; it stops once it knows. */
export function isLongerThan(data: unknown, limit: number): boolean {
  return rest(data, limit) < 0;
}

/** What is left of a number of characters after a value; less than nothing when it is too long. */
function rest(value: unknown, characters: number): number {
  if (typeof value === 'string') {
    return characters - value.length;
  }
  if (typeof value !== 'object' || value === null) {
    return characters;
  }
  let left = characters;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && left >= 0; at += 1) {
      left = rest(value[at], left - charactersOfEntry);
    }
    return left;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) {
    left = rest(record[key], left - key.length - charactersOfEntry);
    if (left < 0) {
      break;
    }
  }
  return left;
}
