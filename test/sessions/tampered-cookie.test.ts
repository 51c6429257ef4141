import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashSecret } from '../../src/auth/token-text.js';
import { type Client, TestServer, testServer } from '../helper.js';
import { head, type RawAnswer, refusalCodes, sendRaw } from '../http/raw.js';

const server = testServer();
const kind = '{ viewer { kind } }';
const withCookie = (cookie: string) => server().asGuest().send(kind, {}, { cookie });

let browser: Client;

beforeAll(async () => {
  browser = await server().withSession(await server().user());
});

/** Asks who is asking, with exactly these bytes as the header. */
function sendCookie(cookie: Buffer): Promise<RawAnswer> {
  const body = JSON.stringify({ query: kind });
  const lines = head('POST /graphql', {
    'content-type': 'application/json',
    'content-length': body.length,
    'sec-fetch-site': 'same-origin',
  });
  return sendRaw(server().origin, lines.replace(/\r\n$/, 'cookie: '), cookie, `\r\n\r\n${body}`);
}

describe('C3 a cookie that was tampered with', () => {
  const guestOnly = async (cookie: string) => {
    const answer = await withCookie(cookie);
    expect([answer.status, answer.data]).toEqual([200, { viewer: { kind: 'GUEST' } }]);
  };

  test.each([
    ['cut short', (secret: string) => `latchkey=${secret.slice(0, -1)}`],
    ['made longer', (secret: string) => `latchkey=${secret}A`],
    [
      'changed in its first character',
      (secret: string) => `latchkey=${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`,
    ],
    ['in other letters', (secret: string) => `latchkey=${secret.toLowerCase()}`],
    ['under another name', (secret: string) => `Latchkey=${secret}`],
    ['under the name for https', (secret: string) => `__Host-latchkey=${secret}`],
    ['empty', () => 'latchkey='],
    ['without a value', () => 'latchkey'],
    ['with a broken percent sign', () => 'latchkey=%E0%A4%A'],
    ['with an encoded NUL', (secret: string) => `latchkey=${secret.slice(0, 40)}%00`],
    ['of ten thousand characters', () => `latchkey=${'A'.repeat(10_000)}`],
    ['with a statement in it', () => "latchkey=' or 1=1 --"],
    ['with a planted one before it', (secret: string) => `latchkey=${'A'.repeat(43)}; latchkey=${secret}`],
    ['that is __proto__', () => '__proto__=latchkey; constructor=latchkey'],
  ])('%s makes a guest', async (_case, tamper) => {
    await guestOnly(tamper(browser.cookie.replace('latchkey=', '')));
  });

  test('makes a guest whatever bytes it holds', async () => {
    // No server can be asked with control characters in a header: the parser refuses them before.
    const bytes = fc
      .uint8Array({ maxLength: 60 })
      .map((noise) => Buffer.from(noise.filter((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f))));
    const secret = browser.cookie.replace('latchkey=', '');
    const cut = fc.nat(secret.length - 1);
    await fc.assert(
      fc.asyncProperty(bytes, cut, async (noise, at) => {
        // The secret itself, in which these bytes stand somewhere, unless they are none or only white space.
        fc.pre(noise.toString('latin1').trim() !== '' && !noise.includes(0x3b));
        const cookie = Buffer.concat([
          Buffer.from(`latchkey=${secret.slice(0, at)}`),
          noise,
          Buffer.from(secret.slice(at + 1)),
        ]);
        fc.pre(cookie.toString('latin1') !== `latchkey=${secret}`);
        const answer = await sendCookie(cookie);
        expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { viewer: { kind: 'GUEST' } }]);
      }),
      { numRuns: 200 },
    );
    expect((await withCookie(browser.cookie)).data.viewer.kind).toBe('SESSION');
  });

  test.each([
    ['a NUL', '\0'],
    ['a bell', '\x07'],
    ['a line feed', '\n'],
  ])('with %s in it is no request', async (_case, control) => {
    const answer = await sendCookie(Buffer.from(`latchkey=${control}${'A'.repeat(42)}`));
    expect([answer.status, refusalCodes(answer.body)]).toEqual([400, ['BAD_REQUEST']]);
  });

  test('of another server makes a guest', async () => {
    const other = await TestServer.start();
    try {
      const { cookie } = await other.withSession(await other.user());
      expect((await other.asGuest().send(kind, {}, { cookie })).data.viewer.kind).toBe('SESSION');
      await guestOnly(cookie);
    } finally {
      await other.stop();
    }
  });

  test('is nothing beside the right one under another name', async () => {
    const answer = await withCookie(`theme=dark; ${browser.cookie}; latchkey_old=x`);
    expect(answer.data.viewer.kind).toBe('SESSION');
  });
});

test('C1, A1: a session whose secret happens to begin like a token is a session', async () => {
  const secret = `lk_${'a'.repeat(40)}`;
  const user = await server().user();
  await server().withSession(user);
  await server().sql('update sessions set secret_hash = $1 where user_id = $2', [hashSecret(secret), user.id]);
  const ask = (cookie: string) => server().asGuest().send('{ viewer { kind } }', {}, { cookie });
  expect((await ask(`latchkey=${secret}`)).data).toEqual({ viewer: { kind: 'SESSION' } });
  expect((await ask(`latchkey=${secret}; other=lk_${'a'.repeat(40)}b`)).codes).toEqual(['UNAUTHENTICATED']);
  expect((await ask(`other=${secret}`)).codes).toEqual(['UNAUTHENTICATED']);
});
