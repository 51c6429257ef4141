import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Client, testServer } from '../helper.js';
import { head, parse, type RawAnswer, refusalCodes, sendRaw } from './raw.js';

const server = testServer();
const query = '{"query":"{ viewer { kind } }"}';

let browser: Client;

beforeAll(async () => {
  browser = await server().withSession(await server().user());
});

/** Throws when an answer is no GraphQL answer, or a failure of the server. */
function expectSound({ status, body }: RawAnswer): void {
  expect([200, 400, 401, 403, 404, 405, 406, 408, 413, 415, 429, 431]).toContain(status);
  if (status !== 200) {
    refusalCodes(body);
  } else {
    expect(Object.keys(JSON.parse(body))).toEqual(expect.arrayContaining([expect.stringMatching(/^(data|errors)$/)]));
  }
}

const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  sendRaw(
    server().origin,
    head('POST /graphql', {
      cookie: browser.cookie,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    }),
    body,
  );

const isAlive = async () => expect((await fetch(`${server().origin}/livez`)).status).toBe(200);

describe('H6 any JSON', () => {
  test('as a body is answered as a GraphQL request or refused as none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        expectSound(await post(JSON.stringify(value)));
      }),
      { numRuns: 200 },
    );
    await isAlive();
  });

  test('as a part of a request is answered or refused, and what is no text is never run', async () => {
    const before = await server().contents();
    const value = fc.jsonValue({ maxDepth: 4 });
    const request = fc.record(
      {
        query: fc.oneof(value, fc.constant('mutation ($t: String!) { createPost(title: $t, body: $t) { id } }')),
        variables: fc.oneof(
          value,
          fc.record({ t: value.filter((each) => typeof each !== 'string' && typeof each !== 'number') }),
        ),
        operationName: value,
        extensions: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(request, async (each) => expectSound(await post(JSON.stringify(each)))),
      { numRuns: 300 },
    );
    expect(await server().contents()).toEqual(before);
    await isAlive();
  });
});

describe('H2, H10 any headers', () => {
  const names = [
    'accept',
    'accept-encoding',
    'accept-language',
    'authorization',
    'content-encoding',
    'content-type',
    'cookie',
    'expect',
    'forwarded',
    'if-none-match',
    'origin',
    'range',
    'sec-fetch-site',
    'traceparent',
    'upgrade',
    'x-forwarded-for',
    'x-http-method-override',
    'x-request-id',
    'x-run-as',
  ];
  const pieces = fc.constantFrom(
    'q=',
    ';',
    ',',
    '=',
    '"',
    '*',
    '/',
    'a',
    'gzip',
    'text/html',
    'application/json',
    '%',
    ' ',
  );
  const value = fc
    .oneof(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      pieces.chain((piece) => fc.integer({ min: 100, max: 3_000 }).map((times) => piece.repeat(times))),
    )
    .map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));

  test('are answered or refused on every address', async () => {
    const lines = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 });
    const line = fc.constantFrom('POST /graphql', 'GET /graphql', 'GET /', 'OPTIONS /graphql');
    await fc.assert(
      fc.asyncProperty(line, lines, async (first, headers) => {
        const opening = `${first} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`;
        const text = headers.map(([name, given]) => `${name}: ${given}\r\n`).join('');
        const body = first === 'POST /graphql' ? query : '';
        expectSound(
          await sendRaw(
            server().origin,
            Buffer.from(`${opening}${text}content-length: ${body.length}\r\n\r\n${body}`, 'latin1'),
          ),
        );
      }),
      { numRuns: 300 },
    );
    await isAlive();
  });
});

describe('H8 any bytes', () => {
  test('in place of those of a request are answered in one form, or the connection is closed', async () => {
    const whole = Buffer.from(
      head('POST /graphql', { 'content-type': 'application/json', 'content-length': query.length }) + query,
    );
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) {
          bytes[at] = byte;
        }
        // Whatever is still missing must not be waited for.
        const answer = await sendRaw(server().origin, bytes, '\r\n\r\n');
        if (answer.status !== 0) {
          expectSound(parse(`HTTP/1.1 ${answer.status} \r\n\r\n${answer.body}`));
        }
      }),
      { numRuns: 150 },
    );
    await isAlive();
  }, 120_000);
});
