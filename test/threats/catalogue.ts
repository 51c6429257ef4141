import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One attack or fault that the server is held to withstand. */
export interface Row {
  readonly threat: string;
  /** Why there is nothing to test; only then may a row have no test. */
  readonly notApplicable?: string;
}

/** Every row of `catalogue.json` by its id, such as `H5`. */
export const rows: Readonly<Record<string, Row>> = Object.assign(
  {},
  ...Object.values(
    JSON.parse(readFileSync('test/threats/catalogue.json', 'utf8')) as Record<string, { rows: Record<string, Row> }>,
  ).map((family) => family.rows),
);

/** A string that begins with ids of rows, as the names of their tests do: `'H5: …'`, `'X4, X5 …'`. */
const named = /['"`]([HDCAZEXR]\d{1,2}(?:, [HDCAZEXR]\d{1,2})*)[:, ]/g;

/** The files whose tests carry the id of a row in their names, by id. */
export function testedRows(folder = 'test'): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.test.ts')) {
      const file = join(folder, path);
      for (const [, ids = ''] of readFileSync(file, 'utf8').matchAll(named)) {
        for (const id of ids.split(', ')) {
          found.set(id, (found.get(id) ?? new Set()).add(file));
        }
      }
    }
  }
  return found;
}
