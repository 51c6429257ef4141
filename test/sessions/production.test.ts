import { beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { type Answer, password, testServer } from '../helper.js';

const server = testServer({
  NODE_ENV: 'production',
  LOGIN_ATTEMPTS_PER_ADDRESS: '4',
  REGISTRATIONS_PER_ADDRESS: '3',
});

const login = `mutation ($email: String!, $password: String!) {
  login(email: $email, password: $password) { kind }
}`;
const register = `mutation ($name: String!, $email: String!, $password: String!) {
  register(name: $name, email: $email, password: $password) { kind }
}`;

const wrong = 'not the right one';
const logIn = (email: string, given: string, headers = {}) =>
  server().asGuest().send(login, { email, password: given }, headers);
const signUp = (name: string, headers = {}) =>
  server()
    .asGuest()
    .send(register, { name, email: `${v7()}@example.com`, password }, headers);
const code = (answer: Answer) => answer.codes[0] ?? 'ok';

beforeEach(async () => {
  await server().sql('delete from rate_limits');
});

describe('a server in production', () => {
  test('C1: hands out a Secure cookie, and knows it again', async () => {
    const { email } = await server().user();
    const browser = server().asGuest();
    const answer = await browser.send(login, { email, password });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-latchkey=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect((await browser.send('{ viewer { kind } }')).data.viewer.kind).toBe('SESSION');
    const insecure = browser.cookie.replace('__Host-', '');
    const sent = await server().asGuest().send('{ viewer { kind } }', {}, { cookie: insecure });
    expect(sent.data.viewer.kind).toBe('GUEST');
  });

  test('shows its schema to those who are known, and not to guests', async () => {
    const { email } = await server().user();
    const browser = server().asGuest();
    expect((await browser.send('{ __schema { queryType { name } } }')).codes).toEqual(['UNAUTHENTICATED']);
    await browser.send(login, { email, password });
    expect((await browser.send('{ __schema { queryType { name } } }')).data.__schema.queryType.name).toBe('Query');
  });
});

describe('A6, A9: one network address', () => {
  test('may try one password on a few accounts a minute only', async () => {
    for (let account = 1; account <= 4; account += 1) {
      expect(code(await logIn(`account-${account}@example.com`, wrong))).toBe('UNAUTHENTICATED');
    }
    const fifth = await logIn('account-5@example.com', wrong);
    expect([code(fifth), fifth.status]).toEqual(['RATE_LIMITED', 429]);
  });

  test('is not another one for what it says of itself', async () => {
    const codes: string[] = [];
    for (let account = 1; account <= 5; account += 1) {
      const headers = { 'x-forwarded-for': `192.0.2.${account}`, forwarded: `for=192.0.2.${account}` };
      codes.push(code(await logIn(`account-${account}@example.com`, wrong, headers)));
    }
    expect(codes).toEqual([...Array(4).fill('UNAUTHENTICATED'), 'RATE_LIMITED']);
  });

  test('may log in as often as it likes with the right password', async () => {
    const { email } = await server().user();
    for (let time = 1; time <= 6; time += 1) {
      expect(code(await logIn(email, password))).toBe('ok');
    }
  });

  test('may make a few accounts a minute only', async () => {
    const codes: string[] = [];
    for (let account = 1; account <= 3; account += 1) {
      codes.push(code(await signUp('Ada', { 'x-forwarded-for': `192.0.2.${account}` })));
    }
    expect(codes).toEqual(['ok', 'ok', 'ok']);
    const before = await server().contents();
    const fourth = await signUp('Ada');
    expect([code(fourth), fourth.status]).toEqual(['RATE_LIMITED', 429]);
    expect(fourth.headers.get('retry-after')).toBe(String(fourth.errors?.[0]?.extensions.retryAfter));
    expect(await server().contents()).toEqual(before);
  });

  test('is not counted for an account that could not be made', async () => {
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(code(await signUp(''))).toBe('BAD_USER_INPUT');
    }
    expect(code(await signUp('Ada'))).toBe('ok');
  });
});
