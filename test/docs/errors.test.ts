import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorStatus } from '../../src/errors.js';

const page = readFileSync('docs/errors.md', 'utf8');

test('the table of docs/errors.md has the codes and statuses of errorStatus, in its order', () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3})/gm)].map(([, code, status]) => [code, Number(status)]);
  expect(rows).toEqual(Object.entries(errorStatus));
});

test('docs/errors.md explains every code once, and no other', () => {
  const headings = [...page.matchAll(/^### `([A-Z_]+)`$/gm)].map(([, code]) => code);
  expect(headings.sort()).toEqual(Object.keys(errorStatus).sort());
});
