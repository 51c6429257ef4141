import { expect, test } from '@jest/globals';
import { sharedLookUp } from '../../src/auth/look-up.js';

/** A store whose reads are held back until they are let go. */
function store() {
  const rows = new Map<string, number>();
  const reads: { keys: readonly string[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const find = sharedLookUp<number | undefined>(
    (keys) =>
      new Promise((resolve, reject) => {
        const found = new Map(rows);
        reads.push({ keys, finish: () => resolve((key) => found.get(key)), fail: reject });
      }),
  );
  return { rows, reads, find };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('requests that arrive together share a read, each key once', async () => {
  const { rows, reads, find } = store();
  rows.set('a', 1).set('b', 2);
  const found = Promise.all([find('a'), find('b'), find('a'), find('c')]);
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a', 'b', 'c']]);
  reads[0]?.finish();
  expect(await found).toEqual([1, 2, 1, undefined]);
});

test('a request that comes while a read is under way waits for the next, which sees what has changed since', async () => {
  const { rows, reads, find } = store();
  rows.set('a', 1);
  const first = find('a');
  await turn();
  rows.delete('a');
  const second = find('a');
  const third = find('b');
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]?.finish();
  expect(await first).toBe(1);
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a'], ['a', 'b']]);
  reads[1]?.finish();
  expect(await second).toBeUndefined();
  expect(await third).toBeUndefined();
});

test('a read that fails fails those who wait for it, and nobody after them', async () => {
  const { rows, reads, find } = store();
  const first = find('a');
  await turn();
  const second = find('a');
  const refused = expect(first).rejects.toThrow('away');
  reads[0]?.fail(new Error('away'));
  await refused;
  rows.set('a', 1);
  await turn();
  reads[1]?.finish();
  expect(await second).toBeUndefined();
  const later = find('a');
  await turn();
  reads[2]?.finish();
  expect(await later).toBe(1);
});
