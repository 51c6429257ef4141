import { beforeEach, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { password, testServer } from '../helper.js';

const server = testServer();
const kind = '{ viewer { kind } }';
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const register =
  'mutation ($email: String!, $password: String!) { register(name: "New", email: $email, password: $password) { kind } }';
const updatePassword = `mutation ($current: String!, $next: String!) {
  updatePassword(currentPassword: $current, newPassword: $next) { kind }
}`;

const withCookie = (document: string, cookie: string, variables = {}) =>
  server().asGuest().send(document, variables, { cookie });
const kindBehind = async (cookie: string): Promise<string> => (await withCookie(kind, cookie)).data.viewer.kind;
const rowsOf = ({ id }: User) => server().sql('select id from sessions where user_id = $1', [id]);

let user: User;
let cookie: string;
let credentials: { email: string; password: string };

beforeEach(async () => {
  user = await server().user();
  credentials = { email: user.email, password };
  cookie = (await server().withSession(user)).cookie;
});

describe('C2 a session id', () => {
  const planted = [
    ['that nobody has', async () => `latchkey=${'A'.repeat(43)}`],
    ['of the attacker, who is signed in', async () => (await server().withSession(await server().user())).cookie],
    [
      'of a session that has ended',
      async () => {
        const browser = await server().withSession(await server().user());
        const before = browser.cookie;
        await browser.send('mutation { logout { kind } }');
        return before;
      },
    ],
  ] as const;

  test.each(planted)(
    '%s, planted before login and registration, is never the one that is used',
    async (_name, plant) => {
      const email = `fresh-${user.id}@example.com`;
      for (const [document, variables] of [
        [login, credentials],
        [register, { email, password }],
      ] as const) {
        const before = await plant();
        const answer = await withCookie(document, before, variables);
        expect(answer.errors).toBeUndefined();
        const given = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
        expect(given).not.toBe(before);
        expect(await kindBehind(given)).toBe('SESSION');
        expect(await kindBehind(before)).toBe('GUEST');
      }
    },
  );

  test('is given to nobody before login: guests have none', async () => {
    const answer = await server().asGuest().send(kind);
    expect(answer.data.viewer.kind).toBe('GUEST');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('that was replaced is a guest’s at once', async () => {
    const answer = await withCookie(login, cookie, credentials);
    expect(answer.data.login.kind).toBe('SESSION');
    expect(await kindBehind(cookie)).toBe('GUEST');
  });
});

describe('C11 requests at once', () => {
  test('that sign out leave one guest and no error', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => withCookie('mutation { logout { kind } }', cookie)),
    );
    for (const answer of answers) {
      expect(answer.codes[0] ?? answer.data.logout.kind).toMatch(/^(GUEST|UNAUTHENTICATED)$/);
    }
    expect(await rowsOf(user)).toEqual([]);
  });

  test('that sign in again from one browser give it sessions that hold, and end the one it had', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => withCookie(login, cookie, credentials)));
    const given = answers.map(({ headers }) => headers.getSetCookie()[0]?.split(';', 1)[0] ?? '');
    expect(new Set([...given, cookie]).size).toBe(5);
    for (const each of given) {
      expect(await kindBehind(each)).toBe('SESSION');
    }
    expect(await kindBehind(cookie)).toBe('GUEST');
    expect(await rowsOf(user)).toHaveLength(4);
  });

  test('of which one changes the session never sign the browser out', async () => {
    const [rotating, ...reads] = await Promise.all([
      withCookie(updatePassword, cookie, { current: password, next: 'a new and longer password' }),
      ...Array.from({ length: 12 }, () => withCookie(kind, cookie)),
    ]);
    const fresh = rotating.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    expect(fresh).toMatch(/^latchkey=[\w-]{43}$/);
    for (const read of reads) {
      // Before the change it was a session, after it a guest; an error or a cleared cookie would end the new one.
      expect([read.status, read.codes]).toEqual([200, []]);
      expect(read.data.viewer.kind).toMatch(/^(SESSION|GUEST)$/);
      expect(read.headers.getSetCookie()).toEqual([]);
    }
    expect(await kindBehind(fresh)).toBe('SESSION');
    expect(await kindBehind(cookie)).toBe('GUEST');
  });

  test('that change the password leave one new session, and the others are told', async () => {
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((each) =>
        withCookie(updatePassword, cookie, { current: password, next: `a longer password, number ${each}` }),
      ),
    );
    const fresh = answers.flatMap(({ headers }) => headers.getSetCookie()).map((line) => line.split(';', 1)[0] ?? '');
    expect(fresh).toHaveLength(1);
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
    for (const { codes } of answers) {
      expect(['CONFLICT', 'BAD_USER_INPUT', 'UNAUTHENTICATED', undefined]).toContain(codes[0]);
    }
    expect(await kindBehind(fresh[0] ?? '')).toBe('SESSION');
    expect(await kindBehind(cookie)).toBe('GUEST');
    expect(await rowsOf(user)).toHaveLength(1);
  });
});
