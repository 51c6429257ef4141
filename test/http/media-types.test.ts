import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Client, testServer } from '../helper.js';
import { head, type RawAnswer, refusalCodes, sendRaw } from './raw.js';

const server = testServer();
const mutation = 'mutation { createPost(title: "Forged", body: "x", published: true) { id } }';

let client: Client;

beforeAll(async () => {
  client = await server().withSession(await server().user());
});

/** Posts bytes as a page of ours would, with the session's cookie and these lines about the type of the body. */
function post(body: string, ...types: string[]): Promise<RawAnswer> {
  const lines = types.map((type) => `content-type: ${type}\r\n`).join('');
  return sendRaw(
    server().origin,
    // As a function, for a string's `$&` would be the text that is replaced.
    head('POST /graphql', {
      cookie: client.cookie,
      'sec-fetch-site': 'same-origin',
      'content-length': Buffer.byteLength(body),
    }).replace(/\r\n$/, () => `${lines}\r\n`),
    body,
  );
}

const executed = async () => (await server().sql("select 1 from posts where title = 'Forged'")).length;

describe('H2 media types of requests', () => {
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
    const answer = await post(body, type);
    expect(answer.status).toBe(415);
    expect(refusalCodes(answer.body)).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
    expect(await server().contents()).toEqual(before);
  });

  test('a body without a type is refused and never runs', async () => {
    const before = await server().contents();
    const body = JSON.stringify({ query: mutation });
    const answer = await post(body);
    expect(answer.status).toBe(415);
    expect(refusalCodes(answer.body)).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
    expect(await server().contents()).toEqual(before);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset="UTF-8"'])(
    '%s is taken',
    async (type) => {
      const answer = await post('{"query":"{ __typename }"}', type);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ data: { __typename: 'Query' } });
    },
  );

  test.each([
    [['text/plain', 'application/json']],
    [['application/json', 'text/plain']],
    [['application/json', 'application/json']],
  ])('H2: two headers, %j, are refused and never run', async (types) => {
    const before = await server().contents();
    const answer = await post(JSON.stringify({ query: mutation }), ...types);
    expect([answer.status, refusalCodes(answer.body)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    expect(await server().contents()).toEqual(before);
  });

  test('H2: whatever is not exactly JSON never runs', async () => {
    const piece = fc.constantFrom('application', 'json', 'text', 'plain', '/', ';', ',', '=', ' ', '\t', '"', '*', '+');
    const type = fc
      .array(fc.oneof({ weight: 3, arbitrary: piece }, fc.string({ maxLength: 3 })), { maxLength: 9 })
      .map((pieces) => pieces.join('').replace(/[^\t\x20-\x7e]/g, ''));
    const isJson = (text: string) => /^application\/json[ \t]*(;|$)/i.test(text.trim());
    const before = await executed();
    await fc.assert(
      fc.asyncProperty(
        type.filter((text) => !isJson(text)),
        async (text) => {
          const answer = await post(JSON.stringify({ query: mutation }), text);
          expect([answer.status, refusalCodes(answer.body)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
        },
      ),
      { numRuns: 300 },
    );
    expect(await executed()).toBe(before);
    expect((await post(JSON.stringify({ query: mutation }), 'application/json')).status).toBe(200);
    expect(await executed()).toBe(before + 1);
  });
});
