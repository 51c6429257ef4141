import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, readAnswer, testServer } from '../helper.js';
import { head, type RawAnswer, refusalCodes, sendRaw } from './raw.js';

const server = testServer();
const mutation = 'mutation { createPost(title: "Forged", body: "x", published: true) { id } }';

let client: Client;

beforeAll(async () => {
  client = await server().withSession(await server().user());
});

/** Posts bytes as a page of ours would, with the session's cookie. */
function post(body: string | Uint8Array, headers: Record<string, string | number> = {}): Promise<RawAnswer> {
  return sendRaw(
    server().origin,
    head('POST /graphql', {
      cookie: client.cookie,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    }),
    body,
  );
}

describe('H6 bodies that are no request', () => {
  test.each<[string, string | Uint8Array]>([
    ['text that is no JSON', '{"query":'],
    ['nothing', ''],
    ['an empty object', '{}'],
    ['an empty list', '[]'],
    ['null', 'null'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['a query that is an object', `{"query":{"a":${JSON.stringify(mutation)}}}`],
    ['a query that is a list', `{"query":[${JSON.stringify(mutation)}]}`],
    ['a query that is empty', '{"query":""}'],
    ['a query that is null', '{"query":null}'],
    ['a polluting key', `{"query":${JSON.stringify(mutation)},"__proto__":{"x":1}}`],
    ['a polluting variable', `{"query":${JSON.stringify(mutation)},"variables":{"__proto__":{"x":1}}}`],
    ['a constructor to pollute', `{"query":${JSON.stringify(mutation)},"constructor":{"prototype":{"x":1}}}`],
    ['variables that are text', `{"query":${JSON.stringify(mutation)},"variables":"x"}`],
    ['variables that are a list', `{"query":${JSON.stringify(mutation)},"variables":[]}`],
    ['an operation name that is an object', `{"query":${JSON.stringify(mutation)},"operationName":{}}`],
    ['an operation that is not there', `{"query":${JSON.stringify(mutation)},"operationName":"other"}`],
    ['a NUL before the object', `\0{"query":${JSON.stringify(mutation)}}`],
    ['a NUL in the query', `{"query":"mutation\\u0000 { createPost(title: \\"Forged\\", body: \\"x\\") { id } }"}`],
    ['UTF-16', Buffer.from(JSON.stringify({ query: mutation }), 'utf16le')],
    ['a compressed body', gzipSync(JSON.stringify({ query: mutation }))],
    [
      'lists in lists, 45 000 deep, that never end',
      `{"query":${JSON.stringify(mutation)},"variables":{"a":${'['.repeat(45_000)}`,
    ],
    ['only a persisted hash', `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'0'.repeat(64)}"}}}`],
  ])('%s is a bad request and never runs', async (_name, body) => {
    const before = await server().contents();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect([
      'BAD_REQUEST',
      'GRAPHQL_PARSE_FAILED',
      'OPERATION_RESOLUTION_FAILURE',
      'BAD_USER_INPUT',
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ]).toContain(refusalCodes(answer.body)[0]);
    expect(await server().contents()).toEqual(before);
  });

  test.each([1, 10])('H4: a list of %i requests is a bad request, and none of them runs', async (count) => {
    const before = await server().contents();
    const answer = await post(JSON.stringify(Array.from({ length: count }, () => ({ query: mutation }))));
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
    expect(await server().contents()).toEqual(before);
  });

  test('a compressed body that says so is refused and never runs', async () => {
    const before = await server().contents();
    const answer = await post(gzipSync(JSON.stringify({ query: mutation })), { 'content-encoding': 'gzip' });
    expect([answer.status, refusalCodes(answer.body)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    expect(await server().contents()).toEqual(before);
  });

  test('bytes that are no UTF-8 never reach a record', async () => {
    const before = await server().contents();
    const [left = '', right = ''] = JSON.stringify({ query: mutation }).split('Forged');
    const answer = await post(
      Buffer.concat([Buffer.from(left), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from(right)]),
    );
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
    expect(await server().contents()).toEqual(before);
  });

  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('%s in %s, as deep as a body may be, are answered, and the server goes on', async (_name, open, close) => {
    const depth = Math.floor(99_000 / (open.length + close.length));
    const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
    const ignored = await post(`{"query":"{ __typename }","variables":{"a":${deep}}}`);
    expect([ignored.status, JSON.parse(ignored.body).data]).toEqual([200, { __typename: 'Query' }]);
    const before = await server().contents();
    const used = await post(
      `{"query":"mutation ($a: String!) { createPost(title: $a, body: \\"\\") { id } }","variables":{"a":${deep}}}`,
    );
    expect([used.status, refusalCodes(used.body)]).toEqual([400, ['BAD_USER_INPUT']]);
    expect(await server().contents()).toEqual(before);
    expect((await fetch(`${server().origin}/livez`)).status).toBe(200);
  });

  test('lists in lists, 100 000 deep, are too large', async () => {
    const answer = await post(`{"query":"{ __typename }","variables":{"a":${'['.repeat(100_000)}`);
    expect([answer.status, refusalCodes(answer.body)]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });

  test('a byte order mark before the object is no obstacle', async () => {
    const answer = await post('\uFEFF{"query":"{ __typename }"}');
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { __typename: 'Query' }]);
  });

  test('of a key that is given twice the last one counts', async () => {
    const answer = await post('{"query":"mutation { nothing }","query":"{ __typename }"}');
    expect(JSON.parse(answer.body)).toEqual({ data: { __typename: 'Query' } });
  });

  test('aliases that are names of every object are ordinary keys', async () => {
    const answer = await readAnswer(
      await fetch(server().url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __proto__: __typename constructor: __typename toString: __typename }"}',
      }),
    );
    expect(answer.text).toContain('"__proto__":"Query","constructor":"Query","toString":"Query"');
  });
});

describe('H5 sizes', () => {
  const padded = (bytes: number) => {
    const frame = JSON.stringify({ query: '{ __typename }', extensions: { padding: '' } });
    return frame.replace('"padding":""', `"padding":"${'x'.repeat(bytes - frame.length)}"`);
  };

  test('a body of exactly 100 000 bytes is taken', async () => {
    const answer = await post(padded(100_000));
    expect(answer.status).toBe(200);
  });

  test('one byte more is refused, and so is the same in pieces', async () => {
    const body = padded(100_001);
    const whole = await post(body);
    expect(whole.status).toBe(413);
    expect(refusalCodes(whole.body)).toEqual(['PAYLOAD_TOO_LARGE']);
    const pieces = await sendRaw(
      server().origin,
      head('POST /graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(pieces.status).toBe(413);
    expect(refusalCodes(pieces.body)).toEqual(['PAYLOAD_TOO_LARGE']);
  });

  test.each([
    ['a megabyte and a byte', `{"query":"{ __typename }","padding":"${'x'.repeat(1_048_577 - 42)}"}`],
    ['300 000 lines of comment', JSON.stringify({ query: `${'#\n'.repeat(300_000)}{ __typename }` })],
  ])('%s are refused by their length', async (_name, body) => {
    expect(body.length).toBeGreaterThan(600_000);
    const answer = await post(body);
    expect([answer.status, refusalCodes(answer.body)]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });

  test('as many lines of comment as a body may hold are read over', async () => {
    const answer = await post(JSON.stringify({ query: `${'#\n'.repeat(33_000)}{ __typename }` }));
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { __typename: 'Query' }]);
  });

  test('headers of more than 16 kB are refused in the same form', async () => {
    const answer = await sendRaw(server().origin, head('POST /graphql', { 'x-long': 'x'.repeat(20_000) }));
    expect(answer.status).toBe(431);
    expect(refusalCodes(answer.body)).toEqual(['HEADERS_TOO_LARGE']);
  });
});
