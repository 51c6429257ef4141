import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Passwords } from '../../src/auth/passwords.js';
import type { User } from '../../src/users/user.entity.js';
import { password, testServer } from '../helper.js';

const server = testServer({ LOGIN_ATTEMPTS_PER_MINUTE: '5', LOGIN_ATTEMPTS_PER_ADDRESS: '10000' });
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const newer = { accept: 'application/graphql-response+json' };
let user: User;
let stop = async () => {};

beforeAll(async () => {
  user = await server().user();
});

afterEach(() => stop());

const passwords = (): Passwords => server().app.services.passwords;

/** Keeps every place of the queue taken until it is told to stop. */
function flood(): void {
  let flooding = true;
  const hold = async () => {
    while (flooding) {
      await passwords()
        .hash('a password of the flood')
        .catch(() => setImmediate());
    }
  };
  const places = Array.from({ length: 103 }, hold);
  stop = async () => {
    flooding = false;
    await Promise.allSettled(places);
    stop = async () => {};
  };
}

describe('D13 a flood of passwords', () => {
  test('D13 leaves a thread of the pool to files and names, and lets a hundred wait', async () => {
    const outcomes = Promise.allSettled(Array.from({ length: 200 }, () => passwords().hash('a password')));
    // libuv has four threads unless it is told otherwise, and looks up names and reads files with them.
    expect(passwords().queue.running).toBe(3);
    expect(passwords().queue.waiting).toBe(100);
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(200 - 103);
    expect(passwords().queue).toEqual({ running: 0, waiting: 0 });
  });

  test('D13 is refused with a code and a time to come back, while everything else is answered', async () => {
    const browser = await server().withSession(user);
    flood();
    const attempts = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        server()
          .asGuest()
          .send(login, { email: `nobody-${i}@example.com`, password }, newer),
      ),
    );
    const refused = attempts.filter(({ codes }) => codes[0] === 'RATE_LIMITED');
    expect(refused.length).toBeGreaterThan(100);
    for (const answer of refused) {
      expect(answer.status).toBe(429);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 1 });
    }
    const others = attempts.filter((answer) => !refused.includes(answer));
    expect(others.map(({ codes }) => codes)).toEqual(others.map(() => ['UNAUTHENTICATED']));
    expect((await server().asGuest().send('{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect((await browser.send('{ viewer { kind } }')).data).toEqual({ viewer: { kind: 'SESSION' } });
    expect(passwords().queue.waiting).toBeGreaterThan(90);
  });

  test('D13 costs nobody a try: who is turned away is not counted', async () => {
    flood();
    const register = `mutation ($email: String!, $password: String!) { register(name: "A", email: $email, password: $password) { kind } }`;
    for (let round = 0; round < 10; round += 1) {
      expect((await server().asGuest().send(login, { email: user.email, password })).codes).toEqual(['RATE_LIMITED']);
      const browser = await server().withSession(user);
      const change = `mutation { updatePassword(currentPassword: "${password}", newPassword: "another one") { kind } }`;
      expect((await browser.send(change)).codes).toEqual(['RATE_LIMITED']);
      const fresh = { email: `new-${round}@example.com`, password };
      expect((await server().asGuest().send(register, fresh)).codes).toEqual(['RATE_LIMITED']);
    }
    await stop();
    expect((await server().asGuest().send(login, { email: user.email, password })).data.login.kind).toBe('SESSION');
    expect(await server().sql(`select 1 from rate_limits where key like 'register-address%'`)).toEqual([]);
    expect(await server().sql(`select 1 from users where email like 'new-%'`)).toEqual([]);
  });

  test('D13 a password that is too long is refused before it is counted or hashed', async () => {
    flood();
    for (const given of ['x'.repeat(1_025), 'ß'.repeat(513), 'x'.repeat(90_000)]) {
      const answer = await server().asGuest().send(login, { email: user.email, password: given });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.extensions.fields).toEqual({ password: ['must have at most 1024 bytes.'] });
    }
    const whole = await server()
      .asGuest()
      .send(login, { email: user.email, password: 'x'.repeat(1_000_000) }, newer);
    expect([whole.status, whole.codes]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });
});
