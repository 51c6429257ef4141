import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { rows, testedRows } from './catalogue.js';

const tested = testedRows();

describe('the catalogue of threats', () => {
  test('has the 101 rows that the server is held to', () => {
    expect(Object.keys(rows)).toHaveLength(101);
  });

  test.each(Object.entries(rows))('%s has tests, or a reason why there is nothing to test', (id, row) => {
    expect({ id, tested: tested.has(id), reason: row.notApplicable }).toEqual(
      row.notApplicable === undefined
        ? { id, tested: true, reason: undefined }
        : { id, tested: false, reason: expect.stringMatching(/\.$/) },
    );
  });

  test('has every id that a test is named after', () => {
    expect([...tested.keys()].filter((id) => !(id in rows))).toEqual([]);
  });
});

describe('docs/SECURITY.md', () => {
  const page = readFileSync('docs/SECURITY.md', 'utf8');
  const ids = [...page.matchAll(/\b([HDCAZEXR]\d{1,2})\b/g)].map(([id]) => id);

  test('speaks of rows of the catalogue only, and of every one', () => {
    expect([...new Set(ids)].sort()).toEqual(Object.keys(rows).sort());
  });

  test('names files that exist', () => {
    const files = [...page.matchAll(/`((?:src|test|docs|deploy|schema|\.ci)\/[\w./-]+)`/g)].map(
      ([, file = '']) => file,
    );
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
