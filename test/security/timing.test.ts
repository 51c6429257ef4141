import { Agent, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { formatToken, newSecret, parseToken } from '../../src/auth/token-text.js';
import { password } from '../helper.js';
import { mannWhitney } from './mann-whitney.js';
import { Pair } from './pair.js';

/** Beyond this two ways take another time, unless chance has it, which it has once in 370 times. */
const limit = 3;
/** So often chance may have it. */
const rounds = 3;

let pair: Pair;
let agent: Agent;

async function prepare(edit?: Parameters<typeof Pair.start>[1]): Promise<void> {
  pair = await Pair.start({}, edit);
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await pair.sql('update api_settings set enabled = true');
  await pair.account('known@example.com', false);
  const disabled = await pair.account('disabled@example.com', false);
  await pair.sql('update users set disabled_at = now() where id = $1', [disabled]);
}

async function finish(): Promise<void> {
  agent?.destroy();
  await pair?.stop();
}

interface Attempt {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly authorization?: string;
}

/** Milliseconds between the last byte sent and the last byte read, over a connection that is there already. */
function time({ query, variables, authorization }: Attempt): Promise<number> {
  const body = JSON.stringify({ query, variables });
  const headers = {
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    ...(authorization === undefined ? {} : { authorization }),
  };
  return new Promise((resolve, reject) => {
    const began = performance.now();
    request(pair.servers[0]?.url ?? '', { method: 'POST', agent, headers }, (incoming) => {
      incoming.on('error', reject).on('end', () => resolve(performance.now() - began));
      incoming.resume();
    })
      .on('error', reject)
      .end(body);
  });
}

/** The two ways in pairs, each pair in a random order. */
async function compare(pairs: number, one: () => Attempt, other: () => Attempt): Promise<number> {
  const samples = [[], []] as [number[], number[]];
  for (let warm = 0; warm < pairs / 10; warm += 1) {
    await time(one());
    await time(other());
  }
  for (let index = 0; index < pairs; index += 1) {
    const first = Math.random() < 0.5 ? 0 : 1;
    for (const which of [first, 1 - first] as const) {
      samples[which === 0 ? 0 : 1].push(await time(which === 0 ? one() : other()));
    }
  }
  return Math.abs(mannWhitney(...samples));
}

/** The least that several rounds find: a gap that is there is there in all of them. */
async function gap(pairs: number, one: () => Attempt, other: () => Attempt): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds && least > limit; round += 1) {
    least = Math.min(least, await compare(pairs, one, other));
  }
  return least;
}

const login = (email: string): Attempt => ({
  query: 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }',
  variables: { email, password: 'not the password' },
});
const issue = (email: string): Attempt => ({
  query: `mutation ($email: String!, $password: String!) {
    issueApiToken(email: $email, password: $password, deviceName: "D") { plainTextToken }
  }`,
  variables: { email, password: 'not the password' },
});

describe('the test of times', () => {
  test('finds no gap between samples of one kind, and one between samples that overlap by a half', () => {
    const sample = (from: number) => Array.from({ length: 100 }, (_, index) => from + ((index * 37) % 100));
    expect(mannWhitney(sample(0), sample(0))).toBe(0);
    expect(mannWhitney(sample(0), sample(50))).toBeLessThan(-limit);
    expect(mannWhitney(sample(50), sample(0))).toBeGreaterThan(limit);
    // By hand: 4.5 of 12 pairs have the larger value on the left.
    expect(mannWhitney([1, 2, 4, 5], [2, 3, 6])).toBeCloseTo(-0.535, 2);
  });
});

describe('a server', () => {
  beforeAll(() => prepare(), 120_000);
  afterAll(finish);

  test('A2 takes as long for a token of a known id with a wrong secret as for one of an unknown id', async () => {
    const browser = await pair.session(
      (await pair.sql<{ id: string }>(`select id from users where email = 'known@example.com'`))[0]?.id ?? '',
    );
    const { data } = await pair.ask(
      0,
      browser,
      'mutation { createApiToken(name: "T", abilities: ["read"]) { plainTextToken } }',
    );
    const known = parseToken('lk', data.createApiToken.plainTextToken)?.id ?? '';
    const guess = (id: string): Attempt => ({
      query: '{ viewer { kind } }',
      authorization: `Bearer ${formatToken('lk', { id, secret: newSecret() })}`,
    });
    const unknown = known.replace(/.{12}$/, 'c0ffee000000');
    expect(
      await gap(
        500,
        () => guess(known),
        () => guess(unknown),
      ),
    ).toBeLessThan(limit);
  }, 300_000);

  test.each([
    ['login', login],
    ['issueApiToken', issue],
  ])(
    'A7 takes as long in %s for an e-mail that nobody has as for a wrong password and a disabled account',
    async (_name, attempt) => {
      const known = () => attempt('known@example.com');
      expect(await gap(60, known, () => attempt('nobody@example.com'))).toBeLessThan(limit);
      expect(await gap(60, known, () => attempt('disabled@example.com'))).toBeLessThan(limit);
    },
    300_000,
  );

  test('A7 takes as long for the right password of a disabled account as for a wrong one', async () => {
    const disabled = (given: string): Attempt => ({
      ...login('disabled@example.com'),
      variables: { email: 'disabled@example.com', password: given },
    });
    expect(
      await gap(
        60,
        () => disabled(password),
        () => disabled('not the password'),
      ),
    ).toBeLessThan(limit);
  }, 300_000);
});

// What the tests above are worth: a server that is wrong on purpose is found out.
describe('a server without equal work', () => {
  afterEach(finish);

  test('A7 is found out', async () => {
    await prepare({
      path: 'src/auth/passwords.ts',
      change: (source) => source.replace('const target = ', 'if (stored === null) return false;\n    const target = '),
    });
    expect(
      await gap(
        60,
        () => login('known@example.com'),
        () => login('nobody@example.com'),
      ),
    ).toBeGreaterThan(limit);
  }, 300_000);
});
