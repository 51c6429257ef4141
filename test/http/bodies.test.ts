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

describe('media types of requests', () => {
  test.each([
    ['a form', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(mutation)}`],
    ['an upload', 'multipart/form-data; boundary=x', `--x\r\n\r\n${JSON.stringify({ query: mutation })}\r\n--x--`],
    ['plain text', 'text/plain', JSON.stringify({ query: mutation })],
    ['plain text that claims JSON', 'text/plain; x=application/json', JSON.stringify({ query: mutation })],
    ['a bare query', 'application/graphql', mutation],
    ['anything', '*/*', JSON.stringify({ query: mutation })],
    ['a subtype of JSON', 'application/json/x', JSON.stringify({ query: mutation })],
    ['a type that only begins like JSON', 'application/jsonx', JSON.stringify({ query: mutation })],
    ['two types', 'text/plain, application/json', JSON.stringify({ query: mutation })],
    ['an empty type', '', JSON.stringify({ query: mutation })],
    ['a type that is none', 'json', JSON.stringify({ query: mutation })],
  ])('%s is refused and never runs', async (_name, type, body) => {
    const before = await server().contents();
    const answer = await post(body, { 'content-type': type });
    expect(answer.status).toBe(415);
    expect(refusalCodes(answer.body)).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
    expect(await server().contents()).toEqual(before);
  });

  test('a body without a type is refused and never runs', async () => {
    const before = await server().contents();
    const body = JSON.stringify({ query: mutation });
    const answer = await sendRaw(
      server().origin,
      head('POST /graphql', {
        cookie: client.cookie,
        'sec-fetch-site': 'same-origin',
        'content-length': body.length,
      }),
      body,
    );
    expect(answer.status).toBe(415);
    expect(refusalCodes(answer.body)).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
    expect(await server().contents()).toEqual(before);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset="UTF-8"'])(
    '%s is taken',
    async (type) => {
      const answer = await post('{"query":"{ __typename }"}', { 'content-type': type });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ data: { __typename: 'Query' } });
    },
  );
});

describe('bodies that are no request', () => {
  test.each<[string, string | Uint8Array]>([
    ['text that is no JSON', '{"query":'],
    ['nothing', ''],
    ['an empty object', '{}'],
    ['an empty list', '[]'],
    ['null', 'null'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['a list of requests', JSON.stringify(Array.from({ length: 10 }, () => ({ query: mutation })))],
    ['a list with one request', JSON.stringify([{ query: mutation }])],
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

  test('a compressed body that says so is refused and never runs', async () => {
    const before = await server().contents();
    const answer = await post(gzipSync(JSON.stringify({ query: mutation })), { 'content-encoding': 'gzip' });
    expect([400, 415]).toContain(answer.status);
    refusalCodes(answer.body);
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

  test('values nested 45 000 deep are answered, and the server goes on', async () => {
    const deep = `${'['.repeat(45_000)}${']'.repeat(45_000)}`;
    const answer = await post(`{"query":"{ __typename }","variables":{"a":${deep}}}`);
    expect([200, 400]).toContain(answer.status);
    expect((await fetch(`${server().origin}/livez`)).status).toBe(200);
  });

  test('a byte order mark before the object is no obstacle', async () => {
    const answer = await post('\uFEFF{"query":"{ __typename }"}');
    expect([200, 400]).toContain(answer.status);
    expect(answer.body).toMatch(/^\{"(data|errors)":/);
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

describe('sizes', () => {
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

  test('headers of more than 16 kB are refused in the same form', async () => {
    const answer = await sendRaw(server().origin, head('POST /graphql', { 'x-long': 'x'.repeat(20_000) }));
    expect(answer.status).toBe(431);
    expect(refusalCodes(answer.body)).toEqual(['HEADERS_TOO_LARGE']);
  });
});

describe('requests that two servers could read differently', () => {
  const smuggled = 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n';

  test.each([
    ['a length and chunks', head('POST /graphql', { 'content-length': 5, 'transfer-encoding': 'chunked' })],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n'],
    ['bare line feeds', 'POST /graphql HTTP/1.1\nhost: localhost\ncontent-length: 0\n\n'],
    ['a NUL in a header', head('POST /graphql', { 'x-nul': 'a\0b' })],
    ['no HTTP', 'hello\r\n\r\n'],
  ])('%s: refused, and the connection is closed', async (_name, text) => {
    const answer = await sendRaw(server().origin, text, smuggled);
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
  });

  test('a request without a host is refused', async () => {
    const answer = await sendRaw(server().origin, 'POST /graphql HTTP/1.1\r\ncontent-length: 0\r\n\r\n', smuggled);
    expect(answer.status).toBe(400);
    expect(answer.headers.connection).toBe('close');
  });
});
