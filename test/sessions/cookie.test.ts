import cookie from '@fastify/cookie';
import { describe, expect, test } from '@jest/globals';
import fastify from 'fastify';
import { loadConfig } from '../../src/config.js';
import { isTrustedOrigin } from '../../src/http/origin.js';
import { readSessionCookie, sessionCookieName, writeSessionCookie } from '../../src/http/session-cookie.js';

const secret = 'B'.repeat(43);

/** What a server with this environment sends when a session begins, when it ends, and what it reads from `header`. */
async function exchange(env: Record<string, string>, header = '') {
  const config = loadConfig(env);
  const app = fastify();
  await app.register(cookie);
  app.get('/begin', async (_request, reply) => writeSessionCookie(config, reply, secret));
  app.get('/end', async (_request, reply) => writeSessionCookie(config, reply, null));
  app.get('/both', async (_request, reply) => {
    writeSessionCookie(config, reply, 'C'.repeat(43));
    writeSessionCookie(config, reply, secret);
  });
  app.get('/read', async (request) => ({ secret: readSessionCookie(config, request) }));
  const attributes = async (url: string) => {
    const { headers } = await app.inject(url);
    return [headers['set-cookie'] ?? []].flat().map((line) => new Set(line.split('; ')));
  };
  const read = await app.inject({ url: '/read', headers: { cookie: header } });
  return {
    name: sessionCookieName(config),
    begin: await attributes('/begin'),
    end: await attributes('/end'),
    both: await attributes('/both'),
    read: read.json<{ secret: string | null }>().secret,
  };
}

const plain = { NODE_ENV: 'development' };
const production = { NODE_ENV: 'production' };
const behindProxy = { NODE_ENV: 'development', APP_URL: 'https://app.example.com' };
const onNetwork = { NODE_ENV: 'development', HOST: '0.0.0.0' };

describe('C1 the session cookie', () => {
  test('over plain http on this machine is for this host, every path, no script and no other site', async () => {
    const { begin } = await exchange(plain);
    expect(begin).toEqual([
      new Set([`latchkey=${secret}`, `Max-Age=${14 * 86_400}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']),
    ]);
  });

  test.each([
    ['in production', production],
    ['behind a proxy that speaks https', behindProxy],
    ['on a network', onNetwork],
    ['in production on this machine with an https address', { ...production, APP_URL: 'https://localhost' }],
  ])('%s is Secure, and its name lets browsers insist on that', async (_case, env) => {
    const { begin, end } = await exchange(env);
    expect(begin).toEqual([
      new Set([`__Host-latchkey=${secret}`, `Max-Age=${14 * 86_400}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure']),
    ]);
    expect(end).toEqual([
      new Set([
        '__Host-latchkey=',
        'Path=/',
        'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
        'Max-Age=0',
        'HttpOnly',
        'SameSite=Lax',
        'Secure',
      ]),
    ]);
  });

  test('is far below the 4 kB that a browser keeps', async () => {
    const { begin } = await exchange(production);
    expect([...(begin[0] ?? [])].join('; ').length).toBeLessThan(200);
  });

  test('is never sent in the clear beyond this machine: the start is refused', () => {
    expect(() => loadConfig({ ...production, APP_URL: 'http://app.example.com' })).toThrow(/APP_URL must be https/);
    expect(loadConfig(production).session.secure).toBe(true);
    expect(loadConfig(onNetwork).session.secure).toBe(true);
  });

  test('lives as long as a session may', async () => {
    const { begin } = await exchange({ ...plain, SESSION_LIFETIME_HOURS: '12' });
    expect(begin[0]?.has('Max-Age=43200')).toBe(true);
  });

  test('is sent once, as it was written last', async () => {
    const { both } = await exchange(plain);
    expect(both).toHaveLength(1);
    expect(both[0]?.has(`latchkey=${secret}`)).toBe(true);
  });

  test('of plain http is not read where the Secure one is expected, nor the other way round', async () => {
    expect((await exchange(plain, `latchkey=${secret}`)).read).toBe(secret);
    expect((await exchange(plain, `__Host-latchkey=${secret}`)).read).toBeNull();
    expect((await exchange(production, `__Host-latchkey=${secret}`)).read).toBe(secret);
    expect((await exchange(production, `latchkey=${secret}`)).read).toBeNull();
  });
});

describe('the origin of a server with a public address', () => {
  const trusted = (env: Record<string, string>, origin: string) =>
    isTrustedOrigin(loadConfig(env), { origin, secFetchSite: undefined, localPort: 4000 });

  test('is that address and no other, not even the one it listens on', () => {
    expect(trusted(behindProxy, 'https://app.example.com')).toBe(true);
    for (const origin of [
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://app.example.com.evil.com',
      'https://evil.com/https://app.example.com',
      'http://127.0.0.1:4000',
      'http://localhost:4000',
      'null',
      '',
    ]) {
      expect([origin, trusted(behindProxy, origin)]).toEqual([origin, false]);
    }
  });

  test('is unknown to a server on a network that was not told it', () => {
    expect(trusted(onNetwork, 'http://127.0.0.1:4000')).toBe(false);
    expect(trusted(onNetwork, 'http://192.0.2.1:4000')).toBe(false);
  });
});
