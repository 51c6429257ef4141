import { describe, expect, test } from '@jest/globals';
import { testServer } from '../helper.js';
import { head, refusalCodes, sendRaw } from './raw.js';

const server = testServer();

/** A request that any server would read alike, with these headers. */
function graphql(headers: Record<string, string>): [string, string] {
  const body = '{"query":"{ __typename }"}';
  const all = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
  return [head('POST /graphql', all), body];
}

describe('H8 requests that two servers could read differently', () => {
  const smuggled = 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n';

  test.each([
    ['a length and chunks', head('POST /graphql', { 'content-length': 5, 'transfer-encoding': 'chunked' })],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n'],
    ['bare line feeds', 'POST /graphql HTTP/1.1\nhost: localhost\ncontent-length: 0\n\n'],
    ['a NUL in a header', head('POST /graphql', { 'x-nul': 'a\0b' })],
    ['chunks that end in chunked twice', head('POST /graphql', { 'transfer-encoding': 'chunked, chunked' })],
    ['chunks under another name', head('POST /graphql', { 'transfer-encoding': 'xchunked' })],
    ['a length with a sign', head('POST /graphql', { 'content-length': '+5' })],
    ['a length in other digits', head('POST /graphql', { 'content-length': '0x5' })],
    ['a length in two values', head('POST /graphql', { 'content-length': '5, 6' })],
    ['a space before the colon', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length : 0\r\n\r\n'],
    ['two hosts', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n'],
    ['a folded line', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length:\r\n 0\r\n\r\n'],
    ['a carriage return in a value', head('POST /graphql', { 'x-cr': 'a\rcontent-length: 5' })],
    [
      'a chunk whose length is none',
      `${head('POST /graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })}zz\r\n`,
    ],
    ['no HTTP', 'hello\r\n\r\n'],
  ])('%s: refused, and the connection is closed', async (_name, text) => {
    const answer = await sendRaw(server().origin, text, smuggled);
    expect(answer.status).toBe(400);
    expect(refusalCodes(answer.body)).toEqual(['BAD_REQUEST']);
  });

  test('a request without a host is refused', async () => {
    const answer = await sendRaw(server().origin, 'POST /graphql HTTP/1.1\r\ncontent-length: 0\r\n\r\n', smuggled);
    expect([answer.status, refusalCodes(answer.body)]).toEqual([400, ['BAD_REQUEST']]);
    expect(answer.headers.connection).toBe('close');
  });

  test.each(['\x80localhost', 'a b', '[', '[::1', '%', '<script>', ''])('the host %j is refused', async (host) => {
    const [lines, body] = graphql({ host });
    const answer = await sendRaw(server().origin, Buffer.from(lines, 'latin1'), body);
    expect([answer.status, refusalCodes(answer.body)]).toEqual([400, ['BAD_REQUEST']]);
  });

  test.each(['localhost', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'api.example.com', 'API.example.com:443'])(
    'the host %s is taken',
    async (host) => {
      const answer = await sendRaw(server().origin, ...graphql({ host }));
      expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { __typename: 'Query' }]);
    },
  );

  test('one of the first version, which knows no hosts, is answered', async () => {
    const [lines, body] = graphql({});
    const answer = await sendRaw(server().origin, lines.replace('1.1', '1.0').replace('host: localhost\r\n', ''), body);
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { __typename: 'Query' }]);
  });
});
