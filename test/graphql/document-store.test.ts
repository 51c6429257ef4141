import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { documentStore } from '../../src/graphql/document-store.js';
import { testServer } from '../helper.js';

const server = testServer();
const comments = '#\n'.repeat(30_000);

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('R11, H5, D7: documents that are nearly all comments do not fill the memory', async () => {
  const guest = server().asGuest();
  const before = heapUsed();
  for (let i = 0; i < 60; i += 1) {
    expect((await guest.send(`{ a${i}: __typename } ${comments}`)).status).toBe(200);
  }
  // Each takes 2.7 MB once it is parsed.
  expect(heapUsed() - before).toBeLessThan(80_000_000);
}, 60_000);

test('a document is kept with whatever else is kept', async () => {
  const store = documentStore(1_000_000);
  const [one, other] = [parse('{ a }'), parse('{ b }')];
  await store.set('one', one);
  await store.set('other', other);
  expect(await store.get('one')).toBe(one);
  expect(await store.get('other')).toBe(other);
  expect(await store.get('third')).toBeUndefined();
  await store.delete('one');
  expect(await store.get('one')).toBeUndefined();
});

test('R11: of more documents than there is room for, those stay that are asked for', async () => {
  const store = documentStore(1_000_000);
  const wanted = parse('{ wanted }');
  await store.set('wanted', wanted);
  let kept = 0;
  for (let i = 0; i < 1_000; i += 1) {
    await store.set(`${i}`, parse(`{ a${i} }`));
    expect(await store.get('wanted')).toBe(wanted);
  }
  for (let i = 0; i < 1_000; i += 1) {
    kept += (await store.get(`${i}`)) === undefined ? 0 : 1;
  }
  expect(kept).toBeGreaterThan(10);
  expect(kept).toBeLessThan(300);
});

test('R11: a document beyond all measure drives no other out', async () => {
  const store = documentStore(1_000_000);
  const small = parse('{ a }');
  const large = parse(`{ a } ${comments}`);
  await store.set('small', small);
  for (let i = 0; i < 10; i += 1) {
    await store.set(`${i}`, large);
    expect(await store.get(`${i}`)).toBeUndefined();
  }
  expect(await store.get('small')).toBe(small);
});

test.each([
  ['comments', `{ a } ${comments}`],
  ['white space', `{ a } ${' '.repeat(90_000)}`],
  ['a long text', `{ a(b: "${'x'.repeat(90_000)}") }`],
])('R11: what stands around a document counts: %s', async (_name, text) => {
  const store = documentStore(8_000_000);
  await store.set('small', parse('{ a }'));
  for (let i = 0; i < 60; i += 1) {
    await store.set(`${i}`, parse(text));
  }
  expect(await store.get('small')).toBeUndefined();
});
