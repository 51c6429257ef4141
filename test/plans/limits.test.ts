import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { AccessPlanDocument } from '../../schema/documents.js';
import { findOperations } from '../../src/access/operations.js';
import { loadConfig } from '../../src/config.js';
import { readingLimits } from '../../src/graphql/limits.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { repeat } from '../graphql/bombs.js';
import { testServer } from '../helper.js';

const server = testServer();
const { schema, tree } = guardedSchema(modules);
const limits = readingLimits(loadConfig({}).limits, tree);

const bombs: [string, string, string][] = [
  ['D1 aliases', `{ viewer { ${repeat(16, (i) => `a${i}: kind`)} } }`, '16 aliases; the limit is 15.'],
  [
    'D1 a password tried twice',
    'mutation { a: deleteAccount(password: "a") { kind } b: deleteAccount(password: "b") { kind } }',
    '2 selections of Mutation.deleteAccount; the limit is 1.',
  ],
  [
    'D2 depth',
    '{ viewer { user { posts { nodes { author { posts { nodes { author { id } } } } } } } } }',
    '9 levels; the limit is 8.',
  ],
  [
    'D3 a bomb of fragments',
    `{ viewer { ...F0 } } ${repeat(30, (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Viewer { kind }`,
    `${3 * 2 ** 30} selections`,
  ],
  ['D7 tokens', `{ ${repeat(1_000, () => '__typename')} }`, '1001 tokens or more; the limit is 1000.'],
  ['D8 braces', '{ a '.repeat(10_000), '1001 tokens or more; the limit is 1000.'],
];

describe('D1, D2, D3, D7, D8 documents that are only planned', () => {
  test.each(bombs)('%s: accessPlan tells the limit as data, and plans nothing', async (_name, document, problem) => {
    const answer = await server().asGuest().send(AccessPlanDocument, { document });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.accessPlan).toMatchObject({ valid: false, sets: [], coordinates: [] });
    expect(answer.data.accessPlan.errors.map(({ message }) => message)).toEqual([expect.stringContaining(problem)]);
  });

  test('D7, D9 of one request have the tokens of one document together', async () => {
    const large = `{ posts { nodes { ${repeat(225, () => '... { id }')} } } }`;
    const small = '{ viewer { kind } }';
    const plan = (name: string, text: string) => `${name}: accessPlan(document: ${JSON.stringify(text)}) {
      valid errors { message } }`;
    const ask = (...texts: string[]) =>
      server()
        .asGuest()
        .send(`{ ${texts.map((text, index) => plan(`p${index}`, text)).join(' ')} }`);
    const twice = await ask(large, `${large}#`);
    expect(Object.values(twice.data)).toEqual([
      { valid: true, errors: [] },
      { valid: false, errors: [{ message: expect.stringMatching(/tokens or more; the limit is 9\d\.$/) }] },
    ]);
    expect(Object.values((await ask(large, small, large)).data)).toEqual(Array(3).fill({ valid: true, errors: [] }));
    const beside = await server()
      .asGuest()
      .send(`{ ${plan('p', large)} node(id: "nothing") { id } }`);
    expect([beside.codes, beside.data.p]).toEqual([['BAD_USER_INPUT'], { valid: true, errors: [] }]);
  });

  test.each(bombs.filter(([name]) => !name.startsWith('D8')))(
    '%s: the command line does so too',
    (_name, text, problem) => {
      const [found] = findOperations(schema, [{ name: 'a.graphql', text }], limits);
      expect(found?.errors.map(({ message }) => message)).toEqual([expect.stringContaining(problem)]);
    },
  );

  test('D7 a file may be longer than a document: only what is sent with an operation counts', () => {
    const many = repeat(200, (i) => `query Q${i} { viewer { ...A } }`);
    const fragments = 'fragment A on Viewer { kind } fragment Unused on Viewer { abilities }';
    const found = findOperations(schema, [{ name: 'a.graphql', text: `${many} ${fragments}` }], limits);
    expect(found).toHaveLength(200);
    expect(found.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
