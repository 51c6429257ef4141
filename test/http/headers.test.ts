import { describe, expect, test } from '@jest/globals';
import { TestServer, testServer } from '../helper.js';
import { head, sendRaw } from './raw.js';

const server = testServer();
const json = { 'content-type': 'application/json' };
const query = (text: string) => JSON.stringify({ query: text });

/** One request for every kind of answer that the server gives. */
const routes: [string, string, RequestInit, number][] = [
  ['a query', '/graphql', { method: 'POST', headers: json, body: query('{ __typename }') }, 200],
  ['a refused query', '/graphql', { method: 'POST', headers: json, body: query('{ sessions { id } }') }, 401],
  ['a broken query', '/graphql', { method: 'POST', headers: json, body: query('{') }, 400],
  ['a broken body', '/graphql', { method: 'POST', headers: json, body: '{' }, 400],
  ['a form', '/graphql', { method: 'POST', body: new URLSearchParams({ query: '{ __typename }' }) }, 415],
  [
    'an answer that nobody can read',
    '/graphql',
    { method: 'POST', headers: { ...json, accept: 'text/html' }, body: query('{ __typename }') },
    406,
  ],
  ['another method', '/graphql', {}, 405],
  ['a bad bearer', '/graphql', { method: 'POST', headers: { ...json, authorization: 'Bearer x' }, body: '{}' }, 401],
  ['liveness', '/livez', {}, 200],
  ['readiness', '/readyz', {}, 200],
  ['an unknown address', '/nothing', {}, 404],
  ['an address that cannot be decoded', '/%zz', {}, 400],
];

describe('headers of every answer', () => {
  test.each(routes)('%s', async (_name, path, request, status) => {
    const response = await fetch(`${server().origin}${path}`, request);
    expect(response.status).toBe(status);
    const { headers } = response;
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    const policy = headers.get('content-security-policy') ?? '';
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) {
      expect(policy.split('; ')).toContain(directive);
    }
    expect(headers.get('content-type')).toMatch(/; charset=utf-8$/);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(headers.get('server')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('what is refused before it is a request is not kept or guessed at either', async () => {
    const answer = await sendRaw(server().origin, head('GET /', { 'x-long': 'x'.repeat(20_000) }));
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
    expect(answer.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8');
  });

  test('every request has an id of its own, whatever the client proposes', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const response = await fetch(`${server().origin}/livez`, {
          headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
        });
        return response.headers.get('x-request-id');
      }),
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain('mine');
  });
});

test('a server that is public over https tells browsers to stay with https', async () => {
  const secure = await TestServer.start({ APP_URL: 'https://api.example.com' });
  try {
    const address = secure.app.http.server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const response = await fetch(`http://127.0.0.1:${port}/livez`);
    expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
  } finally {
    await secure.stop();
  }
});
