import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestServer, testServer } from '../helper.js';
import { builtConsole } from './built-console.js';
import { head, type RawAnswer, sendRaw } from './raw.js';

const folder = builtConsole();
const large = 'x'.repeat(100_001);
const json = { 'content-type': 'application/json' };
const page = { accept: 'text/html' };

const post = (headers: Record<string, string | number>, body: string) =>
  head('POST /graphql', { 'content-length': body.length, ...headers }) + body;
/** What browsers and programs say to an address: nothing, that they want a page, and that they have it. */
const asked: Record<string, string>[] = [{}, page, { 'accept-encoding': 'br', 'if-none-match': '*' }];
const query = (text: string) => JSON.stringify({ query: text });

/** One request for every kind of answer that the server gives, and the status of that answer. */
const kinds: [string, string, number][] = [
  ['a query', post(json, query('{ __typename }')), 200],
  ['a refused query', post(json, query('{ sessions { id } }')), 401],
  ['a broken query', post(json, query('{')), 400],
  ['a broken body', post(json, '{'), 400],
  ['a form', post({ 'content-type': 'application/x-www-form-urlencoded' }, 'query={__typename}'), 415],
  ['a body that is too large', post(json, large), 413],
  ['an answer that nobody can read', post({ ...json, accept: 'text/html' }, query('{ __typename }')), 406],
  ['another method', head('GET /graphql'), 405],
  ['another method of a page', head('POST /login', { 'content-length': 0 }), 404],
  ['a forged request', post({ ...json, cookie: `latchkey=${'A'.repeat(43)}` }, query('{ __typename }')), 403],
  ['a bad bearer', post({ ...json, authorization: 'Bearer x' }, '{}'), 401],
  [
    'a preflight of another origin',
    head('OPTIONS /graphql', { origin: 'https://evil.example', 'access-control-request-method': 'POST' }),
    405,
  ],
  ['an unknown address', head('GET /nothing'), 404],
  ['an unknown page', head('GET /nothing', page), 404],
  ['an address that cannot be decoded', head('GET /%zz'), 400],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['an expectation', head('GET /livez', { expect: 'wonders' }), 200],
  ['two hosts', 'GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 400],
  ['headers that are too large', head('GET /', { 'x-long': large.slice(0, 20_000) }), 431],
  ['what is no request', 'hello\r\n\r\n', 400],
  ['a method that no route can take', head('LATCHKEY /'), 400],
];

/** `GET` of every route that takes it, by its address. */
function routes({ app }: TestServer): string[] {
  const tree = app.http.printRoutes({ commonPrefix: false });
  return [...tree.matchAll(/^[ │├└─]*(\S+) \((.*)\)$/gm)]
    .filter(([, , methods]) => methods?.split(', ').includes('GET'))
    .map(([, path = '']) => (path.startsWith('/') ? path : `/${path}`).replace(/:\w+|\*/g, 'something'));
}

const servers: [string, Record<string, string>, string | undefined][] = [
  ['over http', {}, undefined],
  ['over https', { APP_URL: 'https://api.example.com', NODE_ENV: 'production' }, 'max-age=31536000'],
];

describe.each(servers)('H11 headers of every answer %s', (mode, env, transport) => {
  const server = testServer({ CONSOLE: folder, LOG_LEVEL: 'silent', ...env });
  let origin = '';

  beforeAll(async () => {
    await server().api(true);
    // One that is public under another name is asked where it really listens.
    origin = `http://127.0.0.1:${(server().app.http.server.address() as AddressInfo).port}`;
  });

  /** What holds of every answer, whatever it is. */
  function expectSafe({ headers, status, body }: RawAnswer): void {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['strict-transport-security']).toBe(transport);
    expect(headers.server).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    const policy = (headers['content-security-policy'] ?? '').split('; ');
    // What may be loaded as an object falls under `default-src`.
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      expect(policy).toContain(directive);
    }
    expect(policy.filter((each) => each.startsWith('object-src'))).toEqual([]);
    if (body !== '' && !headers['content-type']?.startsWith('font/')) {
      expect(headers['content-type']).toMatch(/; charset=utf-8$/);
    }
    expect([status, headers['cache-control']]).toEqual([
      status,
      headers.etag === undefined ? 'no-store' : 'public, max-age=31536000, immutable',
    ]);
  }

  test.each(kinds)('%s', async (_name, request, status) => {
    const named = mode === 'over https' ? request.replace('cookie: latchkey=', 'cookie: __Host-latchkey=') : request;
    const answer = await sendRaw(origin, named);
    expect(answer.status).toBe(status);
    expectSafe(answer);
  });

  test('the inventory of routes', async () => {
    const paths = routes(server());
    expect(paths).toEqual(
      expect.arrayContaining(['/', '/graphql', '/livez', '/readyz', '/login', '/tokens/something', '/playground']),
    );
    expect(paths.filter((path) => path.startsWith('/assets/'))).toHaveLength(3);
    for (const path of paths) {
      for (const headers of asked) {
        for (const method of ['GET', 'HEAD']) {
          expectSafe(await sendRaw(origin, head(`${method} ${path}`, headers)));
        }
      }
    }
  });

  test('a failure of ours', async () => {
    await server().sql('alter table posts rename to posts_away');
    try {
      const { token } = await server().actingAs(await server().user(), ['post:read']);
      const answer = await sendRaw(
        origin,
        post({ ...json, authorization: `Bearer ${token}` }, query('{ posts { nodes { id } } }')),
      );
      expect(answer.status).toBe(500);
      expectSafe(answer);
    } finally {
      await server().sql('alter table posts_away rename to posts');
    }
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('H11 what is refused before it is a request', () => {
  const server = testServer();

  test('closes the connection, in the form of all refusals', async () => {
    const answer = await sendRaw(server().origin, head('GET /', { 'x-long': large.slice(0, 20_000) }));
    expect(answer.headers.connection).toBe('close');
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
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });
});
