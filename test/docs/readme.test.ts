import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

test('the code of the README stands on the page that a test builds', () => {
  const page = new Set(
    readFileSync('docs/adding-a-resource.md', 'utf8')
      .split('\n')
      .map((row) => row.trim()),
  );
  const rows = [...readme.matchAll(/^ *```ts\n([\s\S]*?)^ *```$/gm)].flatMap(([, code = '']) =>
    code.trim().split('\n'),
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.map((row) => row.trim()).filter((row) => !page.has(row))).toEqual([]);
});

test('every file that the pages link to is there', () => {
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ];
  const broken = pages.flatMap((name) =>
    [...readFileSync(name, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target = '']) => join(dirname(name), target))
      .filter((target) => !existsSync(target))
      .map((target) => `${name} -> ${target}`),
  );
  expect(broken).toEqual([]);
});
