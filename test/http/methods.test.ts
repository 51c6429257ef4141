import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, testServer } from '../helper.js';
import { head, refusalCodes, sendRaw } from './raw.js';

const server = testServer();
const mutation = 'mutation { createPost(title: "Forged", body: "x", published: true) { id } }';

let client: Client;

beforeAll(async () => {
  client = await server().withSession(await server().user());
});

describe('H3, H10 the methods of the endpoint', () => {
  test('takes the mutation of these tests when it comes over POST', async () => {
    const answer = await client.send(mutation);
    expect(answer.errors).toBeUndefined();
    expect(await server().sql("delete from posts where title = 'Forged' returning title")).toHaveLength(1);
  });

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])(
    'H3: %s is refused with the method to use, and nothing runs',
    async (method) => {
      const before = await server().contents();
      const response = await fetch(`${server().url}?query=${encodeURIComponent(mutation)}`, {
        method,
        headers: { cookie: client.cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
        body: ['GET', 'HEAD'].includes(method) ? undefined : JSON.stringify({ query: mutation }),
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      const body = await response.text();
      if (method !== 'HEAD') {
        expect(refusalCodes(body)).toEqual(['METHOD_NOT_ALLOWED']);
      }
      expect(await server().contents()).toEqual(before);
    },
  );

  test.each<Record<string, string>>([
    {},
    { 'apollo-require-preflight': 'true', accept: '*/*' },
    { 'content-type': 'application/json', 'x-apollo-operation-name': 'Query' },
    { 'content-type': 'text/plain; application/json' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ])('H3: a query over GET is refused as well, with %j', async (headers) => {
    const response = await fetch(`${server().url}?query={__typename}`, { headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(refusalCodes(await response.text())).toEqual(['METHOD_NOT_ALLOWED']);
  });

  test('H10: a header that asks for another method is ignored', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const answer = await fetch(server().url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-http-method-override': 'DELETE',
        'x-http-method': 'GET',
        'x-method-override': 'PUT',
      },
      body,
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test.each(['TRACE', 'PROPFIND'])('%s is refused in the same form', async (method) => {
    const answer = await sendRaw(server().origin, head(`${method} /graphql`));
    expect([404, 405]).toContain(answer.status);
    refusalCodes(answer.body);
  });

  test.each(['QUERY', 'LATCHKEY'])('%s, which no route can take, is a bad request in the same form', async (method) => {
    const answer = await sendRaw(server().origin, head(`${method} /graphql`));
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
  });
});

describe('H10 addresses', () => {
  test.each([
    '/',
    '/graphql/',
    '//graphql',
    '/GraphQL',
    '/graphql%2f',
    '/%67raphql/x',
    '/graphiql',
    '/metrics',
    '/health',
    '/.well-known/apollo/server-health',
    '/favicon.ico',
    '/livez/',
  ])('there is nothing at %s', async (path) => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const answer = await sendRaw(
      server().origin,
      head(`POST ${path}`, { 'content-type': 'application/json', 'content-length': body.length }),
      body,
    );
    expect(answer.status).toBe(404);
    expect(refusalCodes(answer.body)).toEqual(['NOT_FOUND']);
  });

  test('an address that cannot be decoded is a bad request in the same form', async () => {
    const answer = await sendRaw(server().origin, head('GET /%zz'));
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
    expect(answer.body).not.toContain('zz');
  });

  test('an address longer than any is refused, and its text is not repeated', async () => {
    const answer = await sendRaw(server().origin, head(`GET /${'a'.repeat(8_000)}`));
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('aaaa');
  });
});

describe('H9 pages of other origins', () => {
  const preflight = (origin: string) =>
    fetch(server().url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const allowed = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'http://127.0.0.1:1'])(
    'a preflight from %s allows nothing',
    async (origin) => {
      const response = await preflight(origin);
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(allowed(response.headers)).toEqual([]);
    },
  );

  test('an answer to another origin carries no permission to read it', async () => {
    const response = await fetch(server().url, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { kind } }' }),
    });
    expect(allowed(response.headers)).toEqual([]);
  });

  test('the own origin may send JSON and credentials', async () => {
    const response = await preflight(server().origin);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(server().origin);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('access-control-allow-methods')).toBe('POST');
  });
});
