import { beforeAll, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { testServer } from '../helper.js';

const server = testServer();
const document = '{ posts { nodes { id author { name } } } }';
let user: User;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

test('a token is told what it has, what the document needs and when it ends', async () => {
  const end = new Date(Date.now() + 3_600_000);
  const client = await server().actingAs(user, ['user:read', 'post:read'], end);
  const { headers, errors } = await client.send(document);
  expect(errors).toBeUndefined();
  expect(headers.get('x-token-abilities')).toBe('post:read, user:read');
  expect(headers.get('x-required-abilities')).toBe('post:read, user:read');
  expect(headers.get('x-token-expires-at')).toBe(end.toISOString());
});

test('a token that is refused is told the same, and has no end where it has none', async () => {
  const client = await server().actingAs(user, ['post:read']);
  const { headers, codes } = await client.send(document);
  expect(codes).toEqual(['INSUFFICIENT_ABILITIES']);
  expect(headers.get('x-token-abilities')).toBe('post:read');
  expect(headers.get('x-required-abilities')).toBe('post:read, user:read');
  expect(headers.has('x-token-expires-at')).toBe(false);
});

test('guests and sessions are told nothing of the kind', async () => {
  for (const client of [server().asGuest(), await server().withSession(user)]) {
    const { headers } = await client.send(document);
    expect([...headers.keys()].filter((name) => /^x-(token|required)-/.test(name))).toEqual([]);
  }
});
