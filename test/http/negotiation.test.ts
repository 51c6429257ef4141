import { request } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, type Client, password, publicIdOf, readAnswer, testServer } from '../helper.js';

const newer = 'application/graphql-response+json';
const older = 'application/json';

const server = testServer({ REGISTRATIONS_PER_ADDRESS: '1000' });

let guest: Client;
let session: Client;
let reader: Client;
let foreignPost: string;

beforeAll(async () => {
  await server().api(true);
  const user = await server().user({ email: 'me@example.com' });
  guest = server().asGuest();
  session = await server().withSession(user);
  reader = await server().actingAs(user, ['post:read']);
  foreignPost = publicIdOf.post(await server().post(await server().user()));
});

describe('the media type of answers', () => {
  test.each([
    ['none', undefined, newer],
    ['anything', '*/*', newer],
    ['any application type', 'application/*', newer],
    ['the newer one', newer, newer],
    ['the older one', older, older],
    ['both, in the usual order', `${newer}, ${older};q=0.9`, newer],
    ['both, the older one preferred', `${newer};q=0.5, ${older}`, older],
    ['a browser typing an address', 'text/html,application/xhtml+xml,*/*;q=0.8', newer],
    ['the older one and anything else', `${older}, */*;q=0.1`, older],
    ['the newer one ruled out', `${newer};q=0, */*`, older],
    ['another spelling', 'APPLICATION/JSON', older],
    ['the older one with a character set', `${older}; charset=utf-8`, older],
    ['both with a character set', `${newer}; charset=utf-8, ${older}; charset=utf-8`, newer],
  ])('a preference for %s', async (_name, accept, expected) => {
    const answer = await send('{ __typename }', accept);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(`${expected}; charset=utf-8`);
    expect(answer.data).toEqual({ __typename: 'Query' });
    const refused = await send('{ sessions { id } }', accept);
    expect(refused.headers.get('content-type')).toBe(`${expected}; charset=utf-8`);
    expect(refused.codes).toEqual(['UNAUTHENTICATED']);
  });

  test.each(['text/html', 'application/xml', `${newer};q=0, ${older};q=0`, 'nonsense'])(
    'nothing that is acceptable in %s',
    async (accept) => {
      const answer = await send('{ __typename }', accept);
      expect(answer.status).toBe(406);
      expect(answer.codes).toEqual(['NOT_ACCEPTABLE']);
      expect(answer.text).not.toContain('Query');
    },
  );

  /** A request whose Accept header is just what is given; a client of fetch would add its own. */
  async function send(query: string, accept: string | undefined): Promise<Answer> {
    const response = await new Promise<Response>((resolve, reject) => {
      const outgoing = request(
        server().url,
        { method: 'POST', headers: { 'content-type': older, ...(accept === undefined ? {} : { accept }) } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve(
              new Response(Buffer.concat(chunks), {
                status: incoming.statusCode,
                headers: incoming.headers as Record<string, string>,
              }),
            ),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify({ query }));
    });
    return readAnswer(response);
  }
});

describe('statuses', () => {
  interface Case {
    readonly name: string;
    readonly by: () => Client;
    readonly query: string;
    readonly variables?: Record<string, unknown>;
    readonly code: string;
    /** The statuses under the newer and the older media type. */
    readonly status: [number, number];
  }

  const cases: Case[] = [
    {
      name: 'a document that cannot be parsed',
      by: () => guest,
      query: '{',
      code: 'GRAPHQL_PARSE_FAILED',
      status: [400, 200],
    },
    {
      name: 'a document that is not valid',
      by: () => guest,
      query: '{ nothing }',
      code: 'GRAPHQL_VALIDATION_FAILED',
      status: [400, 200],
    },
    {
      name: 'a variable of the wrong type',
      by: () => session,
      query: 'query ($id: ID!) { post(id: $id) { id } }',
      variables: { id: {} },
      code: 'BAD_USER_INPUT',
      status: [400, 200],
    },
    {
      name: 'a document with two operations and no name',
      by: () => guest,
      query: 'query A { __typename } query B { __typename }',
      code: 'OPERATION_RESOLUTION_FAILURE',
      status: [400, 200],
    },
    {
      name: 'no credential where one is needed',
      by: () => guest,
      query: '{ sessions { id } }',
      code: 'UNAUTHENTICATED',
      status: [401, 200],
    },
    {
      name: 'a bad bearer',
      by: () => server().withToken('lk_nothing'),
      query: '{ __typename }',
      code: 'UNAUTHENTICATED',
      status: [401, 401],
    },
    {
      name: 'a token without the ability',
      by: () => reader,
      query: 'mutation { createPost(title: "A", body: "b") { id } }',
      code: 'INSUFFICIENT_ABILITIES',
      status: [403, 200],
    },
    {
      name: 'a token where a session is needed',
      by: () => reader,
      query: '{ sessions { id } }',
      code: 'SESSION_REQUIRED',
      status: [403, 200],
    },
    {
      name: 'a record that one may see and not change',
      by: () => session,
      query: 'mutation ($id: ID!) { deletePost(id: $id) }',
      code: 'FORBIDDEN',
      status: [403, 200],
    },
    {
      name: 'a record that is not there',
      by: () => session,
      query: '{ post(id: "post_01h455vb4pex5vsknk084sn02q") { id } }',
      code: 'NOT_FOUND',
      status: [200, 200],
    },
    {
      name: 'an argument out of range',
      by: () => session,
      query: '{ posts(first: 101) { nodes { id } } }',
      code: 'BAD_USER_INPUT',
      status: [200, 200],
    },
    {
      name: 'an e-mail that is taken',
      by: () => guest,
      query: `mutation { register(name: "A", email: "me@example.com", password: "${password}") { kind } }`,
      code: 'CONFLICT',
      status: [409, 200],
    },
  ];

  test.each(cases)('$name: $code', async ({ by, query, variables, code, status }) => {
    const [strict, legacy] = await Promise.all(
      [newer, older].map((accept) => by().send(query, { id: foreignPost, ...variables }, { accept })),
    );
    expect(strict?.codes).toEqual([code]);
    expect(legacy?.codes).toEqual([code]);
    expect([strict?.status, legacy?.status]).toEqual(status);
  });

  test('too many attempts are 429 under both, with the time to wait', async () => {
    const login = (accept: string) =>
      guest.send('mutation { login(email: "nobody@example.com", password: "wrong") { kind } }', {}, { accept });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await login(newer)).codes).toEqual(['UNAUTHENTICATED']);
    }
    for (const accept of [newer, older]) {
      const answer = await login(accept);
      expect(answer.codes).toEqual(['RATE_LIMITED']);
      expect(answer.status).toBe(429);
      const retryAfter = answer.errors?.[0]?.extensions.retryAfter;
      expect(retryAfter).toBeGreaterThanOrEqual(1);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
    }
  });

  test('a wrong password is 401 under the newer type and 200 under the older one', async () => {
    const login = (accept: string) =>
      guest.send('mutation { login(email: "me@example.com", password: "wrong") { kind } }', {}, { accept });
    expect((await login(newer)).status).toBe(401);
    expect((await login(older)).status).toBe(200);
  });

  test('a failure of ours is 500 under both', async () => {
    await server().sql('alter table posts rename to posts_away');
    try {
      for (const accept of [newer, older]) {
        const answer = await session.send('{ posts { nodes { id } } }', {}, { accept });
        expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
        expect(answer.status).toBe(500);
      }
    } finally {
      await server().sql('alter table posts_away rename to posts');
    }
  });

  test('data beside errors makes it a 200 under both', async () => {
    for (const accept of [newer, older]) {
      const answer = await session.send(
        '{ viewer { kind } post(id: "post_01h455vb4pex5vsknk084sn02q") { id } posts(first: 101) { nodes { id } } }',
        {},
        { accept },
      );
      // `posts` is not nullable, so its error takes all data with it.
      expect(answer.data).toBeNull();
      const partial = await session.send(
        'query ($id: ID!) { viewer { kind } post(id: $id) { author { email } } }',
        { id: foreignPost },
        { accept },
      );
      expect(partial.status).toBe(200);
      expect(partial.codes).toEqual(['FORBIDDEN']);
      expect(partial.data).toEqual({ viewer: { kind: 'SESSION' }, post: { author: { email: null } } });
    }
  });

  test('only a missing or bad credential asks for one', async () => {
    const headers = async (answer: Promise<Answer>) => (await answer).headers.get('www-authenticate');
    expect(await headers(guest.send('{ sessions { id } }'))).toBe('Bearer');
    expect(await headers(server().withToken('x').send('{ __typename }', {}, { accept: older }))).toBe('Bearer');
    expect(await headers(guest.send('{ sessions { id } }', {}, { accept: older }))).toBeNull();
    expect(await headers(reader.send('mutation { createPost(title: "A", body: "b") { id } }'))).toBe(
      'Bearer error="insufficient_scope", scope="post:create post:read"',
    );
    expect(await headers(guest.send('{ __typename }'))).toBeNull();
  });

  test('a switched-off API refuses a bearer with 403 under both', async () => {
    await server().api(false);
    try {
      for (const accept of [newer, older]) {
        const answer = await reader.send('{ __typename }', {}, { accept });
        expect(answer.codes).toEqual(['API_DISABLED']);
        expect(answer.status).toBe(403);
      }
    } finally {
      await server().api(true);
    }
  });
});
