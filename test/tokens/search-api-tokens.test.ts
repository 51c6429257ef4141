import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, testServer } from '../helper.js';

const server = testServer();
const search = `query ($search: String, $first: Int! = 20, $after: String) {
  apiTokens(search: $search, first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
}`;
const create = 'mutation ($name: String!) { createApiToken(name: $name, abilities: []) { apiToken { id } } }';
const names = ['Laptop', 'CI 100%', 'CI 100 times', 'build_bot', 'buildXbot', 'back\\slash', 'ÉTÉ at the sea'];

let browser: Client;

beforeAll(async () => {
  await server().api(true);
  browser = await server().withSession(await server().user());
  const other = await server().withSession(await server().user());
  for (const name of names) {
    await browser.send(create, { name });
    await other.send(create, { name: `${name} of another` });
  }
});

async function found(wanted: string | null | undefined): Promise<string[]> {
  const answer = await browser.send(search, { search: wanted });
  expect(answer.errors).toBeUndefined();
  return answer.data.apiTokens.nodes.map(({ name }: { name: string }) => name);
}

describe('apiTokens(search:)', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['white space', ' \t '],
  ])('lists all of one’s own for %s', async (_case, wanted) => {
    expect(await found(wanted)).toEqual(names.toReversed());
  });

  test.each([
    ['lapTOP', ['Laptop']],
    ['  ap ', ['Laptop']],
    ['ci', ['CI 100 times', 'CI 100%']],
    ['100%', ['CI 100%']],
    ['%', ['CI 100%']],
    ['d_b', ['build_bot']],
    ['_', ['build_bot']],
    ['k\\s', ['back\\slash']],
    ['\\', ['back\\slash']],
    ['été', ['ÉTÉ at the sea']],
    ['another', []],
    ["' or 1=1 --", []],
  ])('takes %j for what it says, in any case, at any place', async (wanted, expected) => {
    expect(await found(wanted)).toEqual(expected);
  });

  test('comes in pages like the whole list', async () => {
    const first = (await browser.send(search, { search: 'ci', first: 1 })).data.apiTokens;
    expect(first).toMatchObject({ nodes: [{ name: 'CI 100 times' }], pageInfo: { hasNextPage: true } });
    const second = await browser.send(search, { search: 'ci', first: 1, after: first.pageInfo.endCursor });
    expect(second.data.apiTokens).toMatchObject({ nodes: [{ name: 'CI 100%' }], pageInfo: { hasNextPage: false } });
  });

  test.each([
    ['256 characters', 'x'.repeat(256), 'must have at most 255 characters.'],
    ['a NUL character', 'a\0', 'must not contain a NUL character.'],
    ['half of an emoji', 'a\ud83d', 'must be well-formed Unicode.'],
  ])('refuses %s', async (_case, wanted, problem) => {
    const answer = await browser.send(search, { search: wanted });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ search: [problem] });
  });

  test('looks for 255 characters', async () => {
    expect(await found('x'.repeat(255))).toEqual([]);
  });
});
