import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { password, TestServer } from '../helper.js';
import { RedisServer } from './redis-server.js';

const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const register = `mutation ($email: String!, $password: String!) {
  register(name: "Somebody", email: $email, password: $password) { kind }
}`;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
});

afterAll(() => {
  cluster?.remove();
});

describe.each(['PostgreSQL', 'Redis'])('two instances that count in %s', (store) => {
  let redis: RedisServer | null = null;
  let one: TestServer;
  let another: TestServer;

  beforeAll(async () => {
    redis = store === 'Redis' ? await RedisServer.start() : null;
    const env = {
      DATABASE_URL: await cluster.createDatabase(),
      COST_PER_MINUTE: '2000',
      COST_PER_MINUTE_GUEST: '0',
      REGISTRATIONS_PER_ADDRESS: '6',
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
    };
    one = await TestServer.start(env);
    another = await TestServer.start(env);
    await one.api(true);
  });

  afterAll(async () => {
    await another?.stop();
    await one?.stop();
    await redis?.remove();
  });

  const turnAbout = (turn: number) => (turn % 2 === 0 ? one : another);

  test('A6: look at five wrong passwords for an account between them, and wait for the same minute', async () => {
    const { email } = await one.user();
    const answers = [];
    for (let turn = 0; turn < 12; turn += 1) {
      answers.push(await turnAbout(turn).asGuest().send(login, { email, password: 'wrong' }));
    }
    expect(answers.map(({ codes: [code] }) => code)).toEqual([
      ...Array(5).fill('UNAUTHENTICATED'),
      ...Array(7).fill('RATE_LIMITED'),
    ]);
    for (const server of [one, another]) {
      expect((await server.asGuest().send(login, { email, password })).codes).toEqual(['RATE_LIMITED']);
    }
  });

  test('A6: a right password on either lets the account begin anew on both', async () => {
    const { email } = await one.user();
    for (const server of [one, another]) {
      for (let turn = 0; turn < 4; turn += 1) {
        const answer = await turnAbout(turn).asGuest().send(login, { email, password: 'wrong' });
        expect(answer.codes).toEqual(['UNAUTHENTICATED']);
      }
      expect((await server.asGuest().send(login, { email, password })).errors).toBeUndefined();
    }
  });

  test('A9: make six accounts a minute for an address between them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, turn) =>
        turnAbout(turn)
          .asGuest()
          .send(register, { email: `${store}-${turn}@example.com`, password: `a password ${turn}` }),
      ),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(6);
    expect(answers.filter(({ codes: [code] }) => code === 'RATE_LIMITED')).toHaveLength(14);
  });

  test('A6: give a token its budget between them, and tell it so', async () => {
    const client = await one.actingAs(await one.user(), ['read']);
    const elsewhere = another.withToken(client.token);
    let spent = 0;
    for (let turn = 0, refused = 0; refused < 2; turn += 1) {
      const answer = await (turn % 2 === 0 ? client : elsewhere).send('{ posts(first: 30) { nodes { id } } }');
      if (answer.status === 429) {
        refused += 1;
      } else {
        refused = 0;
        spent += answer.cost?.requested ?? 0;
        expect(answer.cost?.limit).toBe(2_000);
        expect(answer.cost?.remaining).toBeLessThanOrEqual(2_000 - spent + 200);
      }
    }
    expect(spent).toBeLessThanOrEqual(2_000);
    expect(spent).toBeGreaterThan(1_700);
  });
});
