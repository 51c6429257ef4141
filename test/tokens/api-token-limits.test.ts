import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { password, testServer } from '../helper.js';

const server = testServer({ TOKENS_PER_USER: '3' });
const limits = '{ viewer { apiTokenLimits { maximumLifetimeDays maximumCount count } } }';

let user: User;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

describe('Viewer.apiTokenLimits', () => {
  test('tells a session what it may make, and what it has', async () => {
    const browser = await server().withSession(user);
    expect((await browser.send(limits)).data.viewer.apiTokenLimits).toEqual({
      maximumLifetimeDays: null,
      maximumCount: 3,
      count: 0,
    });
    await server().actingAs(user, []);
    await server().actingAs(await server().user(), []);
    await server().sql('update api_settings set maximum_token_lifetime_days = 30');
    expect((await browser.send(limits)).data.viewer.apiTokenLimits).toEqual({
      maximumLifetimeDays: 30,
      maximumCount: 3,
      count: 1,
    });
  });

  test('tells it while the API is off, too', async () => {
    await server().api(false);
    const answer = await (await server().withSession(user)).send(limits);
    expect(answer.data.viewer.apiTokenLimits.maximumCount).toBe(3);
    await server().api(true);
  });

  test('counts exactly as createApiToken does', async () => {
    const collector = await server().user();
    const browser = await server().withSession(collector);
    const create = 'mutation { createApiToken(name: "x", abilities: []) { apiToken { id } } }';
    for (let held = 0; held < 3; held += 1) {
      expect((await browser.send(limits)).data.viewer.apiTokenLimits.count).toBe(held);
      expect((await browser.send(create)).errors).toBeUndefined();
    }
    expect((await browser.send(limits)).data.viewer.apiTokenLimits.count).toBe(3);
    expect((await browser.send(create)).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('is told to the one who has just signed in', async () => {
    const answer = await server()
      .asGuest()
      .send(
        `mutation ($email: String!, $password: String!) {
          login(email: $email, password: $password) { apiTokenLimits { maximumCount } }
        }`,
        { email: user.email, password },
      );
    expect(answer.data.login.apiTokenLimits).toEqual({ maximumCount: 3 });
  });

  test('is refused to guests and to tokens', async () => {
    const guest = await server().asGuest().send(limits);
    expect([guest.codes, guest.status]).toEqual([['UNAUTHENTICATED'], 401]);
    const program = await (await server().actingAs(user, ['*'])).send(limits);
    expect([program.codes, program.status]).toEqual([['SESSION_REQUIRED'], 403]);
  });
});
