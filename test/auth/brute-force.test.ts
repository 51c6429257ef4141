import { beforeEach, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, password, testServer } from '../helper.js';

const server = testServer({ TRUST_PROXY: '127.0.0.1' });
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const register = `mutation ($email: String!, $password: String!) {
  register(name: "Somebody", email: $email, password: $password) { kind }
}`;

/** The proxy of these tests, on this machine, appends the address that it sees. */
const from = (address: string, claimed = '') => ({
  'x-forwarded-for': claimed === '' ? address : `${claimed}, ${address}`,
});

function logIn(email: string, attempted: string, headers: Record<string, string>): Promise<Answer> {
  return server().asGuest().send(login, { email, password: attempted }, headers);
}

/** A minute later, for everything that is counted by the minute. */
async function nextMinute(): Promise<void> {
  await server().sql("update rate_limits set expire = expire - 60001 where key not like 'login_pair:%'");
}

const retryAfter = (answer: Answer) => Number(answer.headers.get('retry-after'));

beforeEach(async () => {
  await server().sql('delete from rate_limits');
});

describe('A6: a hundred wrong passwords', () => {
  let user: User;
  const attacker = from('198.51.100.66');
  const owner = from('192.0.2.10');

  beforeEach(async () => {
    user = await server().user();
  });

  test('at once for one account: five are looked at, the others wait, and so does the right one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => logIn(user.email, `wrong ${index}`, attacker)),
    );
    const codes = answers.map(({ codes: [code] }) => code);
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(95);
    for (const answer of answers.filter(({ codes: [code] }) => code === 'RATE_LIMITED')) {
      expect(answer.status).toBe(429);
      expect(retryAfter(answer)).toBeGreaterThanOrEqual(1);
      expect(retryAfter(answer)).toBeLessThanOrEqual(60);
    }
    expect((await logIn(user.email, password, owner)).codes).toEqual(['RATE_LIMITED']);
    await nextMinute();
    expect((await logIn(user.email, password, owner)).errors).toBeUndefined();
  });

  test('one after the other, minute for minute: the wait grows to an hour, and the owner signs in elsewhere', async () => {
    const waits: number[] = [];
    let looked = 0;
    for (let minute = 0; minute < 10; minute += 1) {
      for (let turn = 0; turn < 10; turn += 1) {
        const answer = await logIn(user.email, `wrong ${minute} ${turn}`, attacker);
        if (answer.codes[0] === 'UNAUTHENTICATED') {
          looked += 1;
        } else {
          expect(answer.codes).toEqual(['RATE_LIMITED']);
          waits.push(retryAfter(answer));
        }
      }
      await nextMinute();
    }
    expect(looked).toBe(20);
    expect(waits[0]).toBeLessThanOrEqual(60);
    expect(waits.at(-1)).toBeGreaterThan(3_000);
    expect(waits.at(-1)).toBeLessThanOrEqual(3_600);
    expect((await logIn(user.email, password, attacker)).codes).toEqual(['RATE_LIMITED']);
    expect((await logIn(user.email, password, owner)).errors).toBeUndefined();
    await server().sql('update rate_limits set expire = expire - 3600000');
    expect((await logIn(user.email, password, attacker)).errors).toBeUndefined();
  });

  test('from as many addresses as the attacker claims to have are those of one', async () => {
    const codes: (string | undefined)[] = [];
    for (let turn = 0; turn < 55; turn += 1) {
      const headers = from('198.51.100.67', `203.0.113.${turn}`);
      codes.push((await logIn(`somebody-${turn}@example.com`, 'wrong', headers)).codes[0]);
    }
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(50);
    expect(codes.slice(50)).toEqual(Array(5).fill('RATE_LIMITED'));
  });

  test('from the addresses of one IPv6 subscriber are those of one', async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      await logIn(`somebody-${turn}@example.com`, 'wrong', from(`2001:db8:6:6::${turn.toString(16)}`));
    }
    expect((await logIn(user.email, password, from('2001:db8:6:6:ffff::1'))).codes).toEqual(['RATE_LIMITED']);
    expect((await logIn(user.email, password, from('2001:db8:6:7::1'))).errors).toBeUndefined();
  });

  test('do not fill the hour while nobody looks at them', async () => {
    for (let turn = 0; turn < 40; turn += 1) {
      await logIn(user.email, 'wrong', attacker);
    }
    await nextMinute();
    expect((await logIn(user.email, password, attacker)).errors).toBeUndefined();
  });
});

test('A6: one password for a thousand accounts is looked at fifty times a minute', async () => {
  const answers: string[] = [];
  for (let hundred = 0; hundred < 10; hundred += 1) {
    const some = Array.from({ length: 100 }, (_, index) =>
      logIn(`account-${hundred}-${index}@example.com`, 'Summer2026!', from('198.51.100.68')),
    );
    answers.push(...(await Promise.all(some)).map(({ codes: [code] }) => code ?? 'ok'));
  }
  expect(answers.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(50);
  expect(answers.filter((code) => code === 'RATE_LIMITED')).toHaveLength(950);
}, 120_000);

test('A9: a hundred registrations from one address make sixty accounts a minute', async () => {
  const before = await server().sql('select count(*)::int as count from users');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      server()
        .asGuest()
        .send(register, { email: `mass-${index}@example.com`, password: `a password ${index}` }, from('198.51.100.69')),
    ),
  );
  const refused = answers.filter(({ codes }) => codes.length > 0);
  expect(refused.map(({ codes: [code], status }) => [code, status])).toEqual(Array(40).fill(['RATE_LIMITED', 429]));
  for (const answer of refused) {
    expect(retryAfter(answer)).toBeGreaterThanOrEqual(1);
  }
  const [{ count: made }] = (await server().sql('select count(*)::int as count from users')) as [{ count: number }];
  expect(made - before[0]?.count).toBe(60);
  const elsewhere = { email: 'elsewhere@example.com', password: 'a password of my own' };
  expect((await server().asGuest().send(register, elsewhere, from('198.51.100.70'))).errors).toBeUndefined();
});
