import { beforeAll, describe, expect, test } from '@jest/globals';
import { Throttle, type ThrottleLimits } from '../../src/auth/throttle.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, password, testServer } from '../helper.js';

const server = testServer({ LOGIN_ATTEMPTS_PER_ADDRESS: '10000' });
const issueApiToken = `mutation ($email: String!, $password: String!) {
  issueApiToken(email: $email, password: $password, deviceName: "Phone") { plainTextToken }
}`;

let user: User;

beforeAll(async () => {
  await server().api(true);
});

function attempt(email: string, attempted = 'a wrong password', headers: Record<string, string> = {}): Promise<Answer> {
  return server().asGuest().send(issueApiToken, { email, password: attempted }, headers);
}

async function failures(email: string, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    expect((await attempt(email)).codes).toEqual(['UNAUTHENTICATED']);
  }
}

function expectLimited(answer: Answer): void {
  expect(answer.codes).toEqual(['RATE_LIMITED']);
  expect(answer.status).toBe(429);
  expect(answer.data ?? null).toBeNull();
  const retryAfter = answer.errors?.[0]?.extensions.retryAfter;
  expect(Number.isInteger(retryAfter)).toBe(true);
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
  expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
}

describe('A6: wrong passwords for a token', () => {
  beforeAll(async () => {
    user = await server().user();
  });

  test('are refused from the sixth within a minute on, and so is the right one then', async () => {
    await failures(user.email, 5);
    expectLimited(await attempt(user.email));
    expectLimited(await attempt(user.email, password));
    expect(await server().sql('select 1 from api_tokens where user_id = $1', [user.id])).toEqual([]);
  });

  test('are forgotten when the minute is over', async () => {
    const other = await server().user();
    await failures(other.email, 5);
    expectLimited(await attempt(other.email, password));
    await server().sql('update rate_limits set expire = 1');
    expect((await attempt(other.email, password)).errors).toBeUndefined();
  });

  test('are a 429 for one who accepts plain JSON too', async () => {
    const { email } = await server().user();
    await failures(email, 5);
    const answer = await attempt(email, 'a wrong password', { accept: 'application/json' });
    expectLimited(answer);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('are counted for an e-mail that nobody has, with the same answers', async () => {
    const { email } = await server().user();
    const known: string[] = [];
    const unknown: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      known.push((await attempt(email)).text);
      unknown.push((await attempt('nobody@example.com')).text);
    }
    expect(unknown).toEqual(known);
    expect(new Set(known).size).toBe(1);
    expectLimited(await attempt(email));
    expectLimited(await attempt('nobody@example.com'));
  });

  test('are counted together for every spelling of the e-mail in case and space', async () => {
    const { email } = await server().user();
    const spellings = [
      email,
      email.toUpperCase(),
      ` ${email}`,
      `${email} `,
      `\t${email[0]?.toUpperCase()}${email.slice(1)}\n`,
    ];
    for (const spelling of spellings) {
      expect((await attempt(spelling)).codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await attempt(email));
    expectLimited(await attempt(` ${email.toUpperCase()} `));
  });

  test('fifteen times in one document are refused before the first is looked at', async () => {
    const other = await server().user();
    const guesses = Array.from(
      { length: 15 },
      (_, n) => `try${n}: issueApiToken(email: $email, password: "wrong ${n}", deviceName: "x") { plainTextToken }`,
    );
    const document = `mutation ($email: String!) { ${guesses.join('\n')} }`;
    for (let turn = 0; turn < 6; turn += 1) {
      expect(new Set((await server().asGuest().send(document, { email: other.email })).codes)).toEqual(
        new Set(['SENSITIVE_MUTATION_LIMIT', 'ROOT_FIELD_LIMIT']),
      );
    }
    expect((await attempt(other.email, password)).errors).toBeUndefined();
  });

  test('that follow a right one in the same document are counted too', async () => {
    const { email } = await server().user();
    const document = `mutation ($email: String!, $right: String!) {
      issueApiToken(email: $email, password: $right, deviceName: "x") { apiToken { id } }
      login(email: $email, password: "wrong") { kind }
    }`;
    expect((await server().asGuest().send(document, { email, right: password })).codes).toEqual(['UNAUTHENTICATED']);
    await failures(email, 4);
    expectLimited(await attempt(email));
  });

  test('sent at once are counted one by one', async () => {
    const { email } = await server().user();
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(email)));
    expect(answers.filter((answer) => answer.codes[0] === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(answers.filter((answer) => answer.codes[0] === 'RATE_LIMITED')).toHaveLength(7);
  });

  test('are counted together with those of login', async () => {
    const { email } = await server().user();
    const login =
      'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
    await failures(email, 3);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await server().asGuest().send(login, { email, password: 'a wrong password' });
      expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await attempt(email));
    expectLimited(await server().asGuest().send(login, { email, password }));
  });

  test('do not begin anew for one who claims to come from elsewhere', async () => {
    const { email } = await server().user();
    for (let turn = 0; turn < 5; turn += 1) {
      await attempt(email, 'a wrong password', {
        'x-forwarded-for': `192.0.2.${turn}`,
        forwarded: `for=192.0.2.${turn}`,
      });
    }
    expectLimited(await attempt(email, 'a wrong password', { 'x-forwarded-for': '192.0.2.99' }));
  });

  test('are forgotten after the right one', async () => {
    const other = await server().user();
    for (let turn = 0; turn < 3; turn += 1) {
      await failures(other.email, 4);
      expect((await attempt(other.email, password)).errors).toBeUndefined();
    }
    await failures(other.email, 5);
    expectLimited(await attempt(other.email));
  });

  test('of one account do not keep another one out', async () => {
    const [one, another] = [await server().user(), await server().user()];
    await failures(one.email, 5);
    expectLimited(await attempt(one.email));
    expect((await attempt(another.email, password)).errors).toBeUndefined();
  });

  test('leave no e-mail address in the table of counters', async () => {
    const { email } = await server().user();
    await failures(email, 1);
    const keys = await server().sql('select key from rate_limits');
    expect(keys.length).toBeGreaterThan(0);
    expect(JSON.stringify(keys)).not.toContain('@');
  });

  test('stay limited while the table of counters is away', async () => {
    const { email } = await server().user();
    await server().sql('alter table rate_limits rename to rate_limits_away');
    try {
      await failures(email, 5);
      expectLimited(await attempt(email));
    } finally {
      await server().sql('alter table rate_limits_away rename to rate_limits');
    }
  });
});

describe('A6, A9: the throttle', () => {
  function throttle(limits: Partial<ThrottleLimits>): Throttle {
    return new Throttle(server().app.services.counters, {
      perAccount: 1_000,
      perAddress: 1_000,
      registrationsPerAddress: 1_000,
      ...limits,
    });
  }

  async function allowed(tries: Promise<void>[]): Promise<number> {
    const settled = await Promise.allSettled(tries);
    for (const each of settled) {
      if (each.status === 'rejected') {
        expect(each.reason).toMatchObject({ code: 'RATE_LIMITED' });
      }
    }
    return settled.filter((each) => each.status === 'fulfilled').length;
  }

  test('lets exactly as many attempts through as it should when twenty come at once', async () => {
    const guard = throttle({ perAccount: 5 });
    const tries = Array.from({ length: 20 }, () => guard.attempt({ email: 'at-once@example.com', ip: '198.51.100.1' }));
    expect(await allowed(tries)).toBe(5);
  });

  test('counts one address over all accounts', async () => {
    const guard = throttle({ perAddress: 7 });
    const from = (ip: string) =>
      Array.from({ length: 10 }, (_, index) => guard.attempt({ email: `sprayed-${index}@example.com`, ip }));
    expect(await allowed(from('198.51.100.2'))).toBe(7);
    expect(await allowed(from('198.51.100.3'))).toBe(7);
  });

  test('counts failures only: an address with right passwords never runs out', async () => {
    const guard = throttle({ perAddress: 3 });
    for (let turn = 0; turn < 10; turn += 1) {
      const right = { email: `right-${turn}@example.com`, ip: '198.51.100.4' };
      await guard.attempt(right);
      await guard.succeeded(right);
    }
    const wrong = Array.from({ length: 5 }, () => guard.attempt({ email: 'wrong@example.com', ip: '198.51.100.4' }));
    expect(await allowed(wrong)).toBe(3);
  });

  test('takes back no more than it has counted: right passwords are no credit for wrong ones', async () => {
    const guard = throttle({ perAddress: 3 });
    const right = Array.from({ length: 3 }, (_, n) => ({ email: `spent-${n}@example.com`, ip: '198.51.100.9' }));
    const wrong = () =>
      Array.from({ length: 9 }, () => guard.attempt({ email: 'credit@example.com', ip: right[0]?.ip ?? '' }));
    await Promise.all(right.map((each) => guard.attempt(each)));
    await server().sql('update rate_limits set expire = 1');
    await Promise.all(right.map((each) => guard.succeeded(each)));
    expect(await allowed(wrong())).toBe(3);
    await server().sql('alter table rate_limits rename to rate_limits_away');
    try {
      expect(await allowed(wrong())).toBe(3);
    } finally {
      await server().sql('alter table rate_limits_away rename to rate_limits');
    }
  });

  test('is shared by the instances on one database', async () => {
    const [one, another] = [throttle({ perAccount: 4 }), throttle({ perAccount: 4 })];
    const shared = { email: 'shared@example.com', ip: '198.51.100.5' };
    const tries = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : another).attempt(shared));
    expect(await allowed(tries)).toBe(4);
  });

  test('counts new accounts by address, apart from passwords', async () => {
    const guard = throttle({ registrationsPerAddress: 2 });
    const tries = Array.from({ length: 5 }, () => guard.registration('198.51.100.6'));
    expect(await allowed(tries)).toBe(2);
    expect(await allowed([guard.attempt({ email: 'apart@example.com', ip: '198.51.100.6' })])).toBe(1);
  });

  test('R16 removes counters that a wrong clock has made to end beyond every window', async () => {
    const guard = throttle({ perAddress: 2 });
    const tries = () => Array.from({ length: 5 }, (_, n) => guard.attempt({ email: `clock-${n}@example.com`, ip }));
    const ip = '198.51.100.10';
    const wall = Date.now;
    Date.now = () => wall() + 365 * 86_400_000;
    expect(await allowed(tries()).finally(() => (Date.now = wall))).toBe(2);
    expect(await allowed(tries())).toBe(0);
    await server().app.services.counters.prune(Date.now());
    expect(await allowed(tries())).toBe(2);
    await server().app.services.counters.prune(Date.now());
    expect(await allowed(tries())).toBe(0);
  });

  test('removes the counters whose minute is over, and only those', async () => {
    const guard = throttle({});
    await guard.attempt({ email: 'pruned@example.com', ip: '198.51.100.7' });
    await guard.attempt({ email: 'kept@example.com', ip: '198.51.100.8' });
    const past = Date.now() - 1;
    await server().sql("update rate_limits set expire = $1 where key like '%198.51.100.7'", [past]);
    await server().app.services.counters.prune(Date.now());
    const keys = (await server().sql('select key from rate_limits')).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('198.51.100.7'))).toEqual([]);
    expect(keys.filter((key) => key.endsWith('198.51.100.8'))).toHaveLength(2);
  });
});
