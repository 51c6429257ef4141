import { parse } from 'graphql';

/** The names of the operations in a text; null while it is no document or has none. */
export function operationNamesIn(text: string): readonly string[] | null {
  try {
    const operations = parse(text, { noLocation: true }).definitions.filter(
      (each) => each.kind === 'OperationDefinition',
    );
    return operations.length === 0 ? null : operations.flatMap(({ name }) => name?.value ?? []);
  } catch {
    return null;
  }
}

/** The operation that is meant: the one that was chosen, while there is one of that name, or else the first. */
export function chosenOperation(names: readonly string[] | null, chosen: string | null): string | null {
  return chosen !== null && names?.includes(chosen) ? chosen : (names?.[0] ?? null);
}
