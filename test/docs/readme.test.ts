import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { environment } from '../../src/config.js';

const readme = readFileSync('README.md', 'utf8');

/** A default as the table writes it. */
function written(value: unknown): string {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? 'none' : `\`${value}\``;
}

test('the table of the README lists the variables of the configuration with their defaults and meanings', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$/gm)].map((row) => row.slice(1));
  const variables = Object.entries(environment.shape).map(([name, field]) => [
    name,
    written(field.safeParse(undefined).data),
    field.description,
  ]);
  expect(rows).toEqual(variables);
});
