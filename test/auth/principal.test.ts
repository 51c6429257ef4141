import { describe, expect, test } from '@jest/globals';
import { guest, sessionPrincipal, tokenPrincipal } from '../../src/auth/principal.js';

const user = {
  id: '01a2025c-c21e-7651-aa65-35edfbad985a',
  name: 'Ada',
  email: 'ada@example.com',
  isAdministrator: false,
  createdAt: new Date('2026-01-01T00:00:00Z'),
};
const session = sessionPrincipal(user, 'session-id', ['read', 'post:read']);
const expiry = new Date('2027-01-01T00:00:00Z');
const token = tokenPrincipal(user, 'token-id', ['read', 'gone:ability'], new Set(['read', 'post:read']), expiry);

describe('a session', () => {
  test.each(['post:read', 'post:update', 'no:such-ability', '*', '', '__proto__'])('can %j', (ability) => {
    expect(session.tokenCan(ability)).toBe(true);
  });

  test('holds all that its user may hold', () => {
    expect(session.kind).toBe('SESSION');
    expect(session.credential).toMatchObject({
      id: 'session-id',
      granted: ['read', 'post:read'],
      abilities: new Set(['read', 'post:read']),
      expiresAt: null,
    });
  });
});

describe('a token', () => {
  test.each([
    ['read', true],
    ['post:read', true],
    ['gone:ability', false],
    ['post:update', false],
    ['Read', false],
    ['READ', false],
    ['post:READ', false],
    [' read', false],
    ['read ', false],
    ['post:*', false],
    ['*', false],
    ['', false],
    ['__proto__', false],
    ['constructor', false],
    ['has', false],
  ])('asked for %j it says %s', (ability, answer) => {
    expect(token.tokenCan(ability)).toBe(answer);
  });

  test('knows what it was granted apart from what that is worth', () => {
    expect(token.kind).toBe('TOKEN');
    expect(token.credential).toMatchObject({
      id: 'token-id',
      granted: ['read', 'gone:ability'],
      abilities: new Set(['read', 'post:read']),
      expiresAt: expiry,
    });
  });
});

describe('a guest', () => {
  test.each(['read', 'post:read', '*', '', '__proto__'])('cannot %j', (ability) => {
    expect(guest.tokenCan(ability)).toBe(false);
  });

  test('is nobody', () => {
    expect(guest.kind).toBe('GUEST');
    expect(guest.user).toBeNull();
    expect(guest.isAdministrator).toBe(false);
    expect(guest.credential).toMatchObject({ id: null, granted: [], expiresAt: null });
    expect(guest.is(user.id)).toBe(false);
    expect(guest.is('')).toBe(false);
    expect(guest.is(undefined as unknown as string)).toBe(false);
  });
});

describe('who someone is', () => {
  test('a session and a token are their user, and nobody else', () => {
    for (const principal of [session, token]) {
      expect(principal.is(user.id)).toBe(true);
      expect(principal.is(user.id.toUpperCase())).toBe(false);
      expect(principal.is('')).toBe(false);
      expect(principal.isAdministrator).toBe(false);
    }
  });

  test("an administrator's token is an administrator's, whatever it was granted", () => {
    const boss = { ...user, isAdministrator: true };
    expect(tokenPrincipal(boss, 'token-id', [], new Set(), null).isAdministrator).toBe(true);
    expect(sessionPrincipal(boss, 'session-id', []).isAdministrator).toBe(true);
  });
});
