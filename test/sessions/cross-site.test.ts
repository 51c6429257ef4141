import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, readAnswer, testServer } from '../helper.js';

const friend = 'https://console.example.com';
const server = testServer({ ALLOWED_ORIGINS: `${friend},https://other.example.com:8443` });

const createPost = 'mutation { createPost(title: "Forged", body: "") { id } }';
const login = `mutation ($email: String!, $password: String!) {
  login(email: $email, password: $password) { kind }
}`;
const register = `mutation ($email: String!, $password: String!) {
  register(name: "Mallory", email: $email, password: $password) { kind }
}`;

let user: User;
let browser: Client;

beforeAll(() => server().api(true));
beforeEach(async () => {
  user = await server().user();
  browser = await server().withSession(user);
});

/** Sends a document with exactly these headers and the type of the body. */
async function send(
  document: string,
  headers: Record<string, string>,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  return readAnswer(
    await fetch(server().url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: document, variables }),
    }),
  );
}

const port = () => new URL(server().url).port;

const strangers: [string, () => Record<string, string>][] = [
  ['says nothing of where it comes from', () => ({})],
  ['comes from another site', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })],
  ['comes from another site and hides its origin', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['comes from a neighbour of this site', () => ({ 'sec-fetch-site': 'same-site' })],
  ['comes from another site in an old browser', () => ({ origin: 'https://evil.example' })],
  ['comes from a sandboxed page', () => ({ origin: 'null' })],
  [
    'claims to be typed by hand, but has an origin',
    () => ({ 'sec-fetch-site': 'none', origin: 'https://evil.example' }),
  ],
  ['makes up a value of Sec-Fetch-Site', () => ({ 'sec-fetch-site': 'same-origin, cross-site' })],
  ['writes Sec-Fetch-Site in upper case', () => ({ 'sec-fetch-site': 'SAME-ORIGIN' })],
  ['comes from another port of this machine', () => ({ origin: `http://127.0.0.1:${Number(port()) + 1}` })],
  ['comes from this machine without a port', () => ({ origin: 'http://127.0.0.1' })],
  ['comes from a host that begins like ours', () => ({ origin: `http://127.0.0.1:${port()}.evil.com` })],
  ['comes from a host that begins like our address', () => ({ origin: `http://127.0.0.1.evil.com:${port()}` })],
  ['comes from a host that ends like ours', () => ({ origin: `http://evil-localhost:${port()}` })],
  ['has ours as the name of a user', () => ({ origin: `http://127.0.0.1:${port()}@evil.com` })],
  ['has a path behind our origin', () => ({ origin: `http://127.0.0.1:${port()}/` })],
  ['has a fragment behind our origin', () => ({ origin: `http://127.0.0.1:${port()}#evil.com` })],
  ['names two origins', () => ({ origin: `http://127.0.0.1:${port()} https://evil.example` })],
  ['comes from a friend over plain http', () => ({ origin: 'http://console.example.com' })],
  ['comes from another port of a friend', () => ({ origin: `${friend}:8443` })],
  ['comes from below a friend', () => ({ origin: 'https://evil.console.example.com' })],
  ['comes from a host that begins like a friend', () => ({ origin: `${friend}.evil.com` })],
  ['spells a friend in upper case', () => ({ origin: friend.toUpperCase() })],
];

const ours: [string, () => Record<string, string>][] = [
  ['comes from a page of this server', () => ({ 'sec-fetch-site': 'same-origin', origin: server().origin })],
  ['is made by the person itself', () => ({ 'sec-fetch-site': 'none' })],
  ['comes from 127.0.0.1 in an old browser', () => ({ origin: `http://127.0.0.1:${port()}` })],
  ['comes from localhost in an old browser', () => ({ origin: `http://localhost:${port()}` })],
  [
    'comes from localhost while this server is 127.0.0.1',
    () => ({ 'sec-fetch-site': 'cross-site', origin: `http://localhost:${port()}` }),
  ],
  ['comes from a friend', () => ({ 'sec-fetch-site': 'cross-site', origin: friend })],
  ['comes from a friend with a port', () => ({ origin: 'https://other.example.com:8443' })],
];

describe('C7, C8 a request with a session that', () => {
  test.each(strangers)('%s is refused, and nothing runs', async (_case, headers) => {
    const before = await server().contents();
    const answer = await send(createPost, { cookie: browser.cookie, ...headers() });
    expect(answer.codes).toEqual(['CSRF_REFUSED']);
    expect(answer.status).toBe(403);
    expect(answer.data).toBeUndefined();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await server().contents()).toEqual(before);
  });

  test.each(ours)('%s runs', async (_case, headers) => {
    const answer = await send(createPost, { cookie: browser.cookie, ...headers() });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.createPost.id).toMatch(/^post_/);
  });

  test.each(strangers)('C10: %s cannot sign out', async (_case, headers) => {
    const answer = await send('mutation { logout { kind } }', { cookie: browser.cookie, ...headers() });
    expect([answer.codes, answer.status]).toEqual([['CSRF_REFUSED'], 403]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await browser.send('{ viewer { kind } }')).data.viewer.kind).toBe('SESSION');
  });

  test('reads from another site is refused as well', async () => {
    const answer = await send('{ viewer { kind } }', { cookie: browser.cookie, origin: 'https://evil.example' });
    expect(answer.codes).toEqual(['CSRF_REFUSED']);
  });

  test('is no JSON is refused whatever its origin', async () => {
    const before = await server().contents();
    const types = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'];
    for (const type of types) {
      const answer = await send(createPost, {
        cookie: browser.cookie,
        origin: server().origin,
        'content-type': type,
      });
      expect([answer.codes, answer.status]).toEqual([['UNSUPPORTED_MEDIA_TYPE'], 415]);
    }
    expect(await server().contents()).toEqual(before);
  });
});

describe('C8, C10 signing a browser in', () => {
  test.each(strangers)('with a request that %s is refused', async (_case, headers) => {
    const before = await server().contents();
    const byLogin = await send(login, headers(), { email: user.email, password });
    expect([byLogin.codes, byLogin.status]).toEqual([['CSRF_REFUSED'], 403]);
    expect(byLogin.headers.getSetCookie()).toEqual([]);
    const byRegistration = await send(register, headers(), { email: 'mallory@example.com', password });
    expect([byRegistration.codes, byRegistration.status]).toEqual([['CSRF_REFUSED'], 403]);
    expect(byRegistration.headers.getSetCookie()).toEqual([]);
    expect(await server().contents()).toEqual(before);
  });

  test.each(ours)('with a request that %s works', async (_case, headers) => {
    const answer = await send(login, headers(), { email: user.email, password });
    expect(answer.data).toEqual({ login: { kind: 'SESSION' } });
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  test('from another site stops the whole document, in fragments and behind aliases too', async () => {
    const before = await server().contents();
    const answer = await send(
      `mutation ($email: String!, $password: String!) { ...Hidden }
       fragment Hidden on Mutation { innocent: login(email: $email, password: $password) { kind } }`,
      { origin: 'https://evil.example' },
      { email: user.email, password },
    );
    expect(answer.codes).toEqual(['CSRF_REFUSED']);
    expect(await server().contents()).toEqual(before);
  });

  test('from another site does not count as a guess', async () => {
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      await send(login, { origin: 'https://evil.example' }, { email: user.email, password: 'not the right one' });
    }
    expect((await send(login, { origin: server().origin }, { email: user.email, password })).data.login.kind).toBe(
      'SESSION',
    );
  });
});

describe('C8 a request from another site', () => {
  test('with a token runs, because no browser sends one by itself', async () => {
    const program = await server().actingAs(user, ['post:read', 'post:create']);
    for (const [, headers] of strangers) {
      const answer = await send('{ viewer { kind } }', { authorization: `Bearer ${program.token}`, ...headers() });
      expect(answer.data).toEqual({ viewer: { kind: 'TOKEN' } });
    }
  });

  test('with a token and a cookie has the powers of the token alone', async () => {
    const program = await server().actingAs(user, ['post:read']);
    const headers = {
      authorization: `Bearer ${program.token}`,
      cookie: browser.cookie,
      origin: 'https://evil.example',
    };
    const before = await server().contents();
    expect((await send('{ viewer { kind } }', headers)).data.viewer.kind).toBe('TOKEN');
    expect((await send(createPost, headers)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect((await send('{ sessions { id } }', headers)).codes).toEqual(['SESSION_REQUIRED']);
    expect((await send('{ viewer { kind } }', { ...headers, authorization: 'Bearer nonsense' })).codes).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(await server().contents()).toEqual(before);
  });

  test('with nothing at all may do what every guest may', async () => {
    const answer = await send('{ viewer { kind } apiSettings { enabled } }', { origin: 'https://evil.example' });
    expect(answer.data).toEqual({ viewer: { kind: 'GUEST' }, apiSettings: { enabled: true } });
  });
});

describe('C8, H9 a page that asks beforehand', () => {
  const preflight = (origin: string) =>
    fetch(server().url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const corsHeaders = (response: Response) =>
    [...response.headers].filter(([name]) => name.startsWith('access-control-'));

  test('on the allow-list is told that it may', async () => {
    const response = await preflight(friend);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(friend);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('access-control-allow-methods')).toBe('POST');
    expect(response.headers.get('vary')).toMatch(/origin/i);
  });

  test.each(['https://evil.example', 'null', `${friend}.evil.com`, 'http://console.example.com'])(
    'from %s is told nothing',
    async (origin) => {
      const response = await preflight(origin);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(corsHeaders(response).flat()).not.toContain(origin);
      const answer = await send('{ viewer { kind } }', { origin });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('may read the answer only when it is on the allow-list', async () => {
    const answer = await send('{ viewer { kind } }', { origin: friend, cookie: browser.cookie });
    expect(answer.data.viewer.kind).toBe('SESSION');
    expect(answer.headers.get('access-control-allow-origin')).toBe(friend);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });
});
