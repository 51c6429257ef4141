import { beforeAll, expect, test } from '@jest/globals';
import { isLongerThan } from '../../src/graphql/answer-size.js';
import { type Client, testServer } from '../helper.js';

const server = testServer();
const names = Array.from({ length: 15 }, (_, i) => `b${i}: body`).join(' ');
let client: Client;

beforeAll(async () => {
  const author = await server().user();
  for (let i = 0; i < 20; i += 1) {
    await server().post(author, { body: 'x'.repeat(50_000) });
  }
  client = await server().withSession(await server().user());
});

test('a page of the longest texts is answered', async () => {
  const answer = await client.send('{ posts { nodes { body } } }');
  expect(answer.errors).toBeUndefined();
  expect(answer.data.posts.nodes).toHaveLength(20);
});

test.each([
  ['the texts of a page under many names', `{ posts { nodes { ${names} } } }`],
  ['the texts of pages in pages', `{ posts { nodes { author { posts { nodes { ${names} } } } } } }`],
  ['a long name for a short text', `{ posts { nodes { author { posts { nodes { ${'n'.repeat(90_000)}: id } } } } } }`],
])('D1, D10: an answer beyond all measure is refused: %s', async (_name, document) => {
  const accept = 'application/graphql-response+json';
  const answer = await client.send(document, {}, { accept });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toEqual({
    errors: [
      {
        message: 'The answer would have more than 10000000 characters.',
        extensions: { code: 'ANSWER_TOO_LONG', limit: 10_000_000 },
      },
    ],
  });
});

test.each<[string, unknown, number]>([
  ['nothing', undefined, 0],
  ['null', null, 0],
  ['a text', 'xxxxx', 5],
  ['texts in a list', ['xxx', 'xx'], 5 + 2 * 4],
  ['names and texts', { abc: 'xx', d: { e: null } }, 3 + 2 + 1 + 1 + 3 * 4],
  ['an object without a prototype', Object.assign(Object.create(null), { a: [true, 1] }), 1 + 3 * 4],
])('counts characters: %s', (_name, data, length) => {
  expect(isLongerThan(data, length)).toBe(false);
  expect(isLongerThan(data, length - 1)).toBe(true);
});
