import { beforeAll, describe, expect, test } from '@jest/globals';
import { createTokenPath, editTokenPath } from '../../src/access/console-path.js';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { postId } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { testServer } from '../helper.js';

const uuid = '01a2025c-c21e-7651-aa65-35edfbad985a';

describe('the form for a new token', () => {
  test('is filled in so that people can read it', () => {
    expect(createTokenPath('Posts', ['post:read', 'user:read'])).toBe(
      '/tokens/new?name=Posts&abilities=post:read,user:read',
    );
    expect(createTokenPath('Open', [])).toBe('/tokens/new?name=Open&abilities=');
  });

  test('gives back whatever was put in', () => {
    const name = 'a & b=c #1 / ü % + "x"';
    const { pathname, searchParams, hash } = new URL(createTokenPath(name, ['a:b', 'c&d']), 'http://localhost');
    expect([pathname, hash]).toEqual(['/tokens/new', '']);
    expect([...searchParams]).toEqual([
      ['name', name],
      ['abilities', 'a:b,c&d'],
    ]);
  });
});

describe('the form for a token that there is', () => {
  test('names it as clients know it, and what is missing', () => {
    expect(editTokenPath({ kind: 'TOKEN', id: uuid }, ['post:update', 'user:read'])).toBe(
      `/tokens/${apiTokenId.encode(uuid)}?missing=post:update,user:read`,
    );
  });

  test('is for tokens that are stored, and for nothing else', () => {
    expect(editTokenPath({ kind: 'TOKEN', id: null }, ['post:update'])).toBeNull();
    expect(editTokenPath({ kind: 'SESSION', id: uuid }, ['post:update'])).toBeNull();
    expect(editTokenPath({ kind: 'GUEST', id: null }, ['post:update'])).toBeNull();
  });
});

describe('a refusal', () => {
  const server = testServer();
  const document = 'mutation { updatePost(id: "x", title: "T") { title author { name } } }';
  let user: User;

  beforeAll(async () => {
    await server().api(true);
    user = await server().user();
  });

  test('leads the owner to the very token that was refused', async () => {
    const client = await server().actingAs(user, ['post:read']);
    await server().actingAs(user, ['post:read']);
    const { id = '' } = parseToken('lk', client.token) ?? {};
    const answer = await client.send(document);
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    const { fix } = answer.errors?.[0]?.extensions ?? {};
    expect(fix).toBe(`/tokens/${apiTokenId.encode(id)}?missing=post:update,user:read`);

    const { pathname, searchParams } = new URL(fix, server().origin);
    const owner = await server().withSession(user);
    const named = await owner.send('query ($id: ID!) { node(id: $id) { ... on ApiToken { abilities } } }', {
      id: pathname.split('/').at(-1),
    });
    expect(named.data.node).toEqual({ abilities: ['post:read'] });
    const mended = [...named.data.node.abilities, ...(searchParams.get('missing') ?? '').split(',')];
    const changed = await owner.send(
      'mutation ($id: ID!, $abilities: [String!]!) { updateApiToken(id: $id, abilities: $abilities) { id } }',
      { id: pathname.split('/').at(-1), abilities: mended },
    );
    expect(changed.errors).toBeUndefined();
    expect((await client.send(document)).codes).not.toContain('INSUFFICIENT_ABILITIES');
  });

  test('below an abstract type leads there too', async () => {
    const post = await server().post(user);
    const client = await server().actingAs(user, []);
    const answer = await client.send('query ($id: ID!) { node(id: $id) { id ... on Post { title } } }', {
      id: postId.encode(post.id),
    });
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.[0]?.extensions.fix).toMatch(/^\/tokens\/token_[0-9a-z]{26}\?missing=post:read$/);
  });

  test('for another reason leads nowhere', async () => {
    const client = await server().actingAs(user, []);
    for (const [who, query, code] of [
      [client, '{ posts { nodes { id } } sessions { id } }', 'SESSION_REQUIRED'],
      [server().asGuest(), document, 'UNAUTHENTICATED'],
      [await server().withSession(user), 'mutation { updateApiSettings(enabled: true) { enabled } }', 'FORBIDDEN'],
    ] as const) {
      const answer = await who.send(query);
      expect(answer.codes).toEqual([code]);
      expect(answer.errors?.[0]?.extensions).not.toHaveProperty('fix');
    }
  });
});
