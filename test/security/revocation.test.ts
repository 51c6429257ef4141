import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userId } from '../../src/users/user.entity.js';
import { password } from '../helper.js';
import { type Asker, Pair } from './pair.js';
import { type Answered, askOnce, Stream } from './stream.js';

let pair: Pair;
let owner: string;
let browser: Asker;
let root: Asker;

beforeAll(async () => {
  pair = await Pair.start();
}, 120_000);

afterAll(() => pair?.stop());

/** An administrator and another account, each with a browser, and the API on. */
async function prepare(): Promise<void> {
  await pair.reset();
  await pair.sql('update api_settings set enabled = true');
  owner = await pair.account('owner@example.com', false);
  browser = await pair.session(owner);
  root = await pair.session(await pair.account('root@example.com', true));
}

async function newToken(): Promise<{ id: string; text: string }> {
  const { data } = await pair.ask(
    0,
    browser,
    'mutation { createApiToken(name: "T", abilities: ["read"]) { plainTextToken apiToken { id } } }',
  );
  return { id: data.createApiToken.apiToken.id, text: data.createApiToken.plainTextToken };
}

async function changed(server: number, asker: Asker, document: string): Promise<void> {
  expect((await pair.ask(server, asker, document)).codes).toEqual([]);
}

const outcomes = (answers: readonly Answered[]) => [...new Set(answers.map(({ outcome }) => outcome))].sort();

/**
 * Asks with one credential without a pause while it ends, and fifty times more within the next five milliseconds. What
 * began before the change was answered may go either way; everything after it is refused.
 */
async function expectEnd(asker: Asker, alive: string, dead: string, end: () => Promise<void>): Promise<void> {
  const stream = new Stream(pair, asker, 3);
  await stream.pass(20);
  const sent = performance.now();
  await end();
  const told = performance.now();
  const late = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      await sleep(index % 6);
      return askOnce(pair, index % 2, asker);
    }),
  );
  await stream.pass(20);
  const all = [...(await stream.stop()), ...late];
  expect(outcomes(all.filter(({ ended }) => ended < sent))).toEqual([alive]);
  const after = all.filter(({ began }) => began > told);
  expect(after.length).toBeGreaterThanOrEqual(50);
  expect(new Set(after.map(({ server }) => server)).size).toBe(2);
  expect(outcomes(after)).toEqual([dead]);
}

describe('A5 a token', () => {
  test.each<[string, (token: { id: string; text: string }, server: number) => Promise<void>]>([
    ['its owner deletes', ({ id }, server) => changed(server, browser, `mutation { deleteApiToken(id: "${id}") }`)],
    ['an administrator revokes', ({ id }, server) => changed(server, root, `mutation { revokeApiToken(id: "${id}") }`)],
    ['revokes itself', (token, server) => changed(server, token, 'mutation { revokeCurrentApiToken }')],
    [
      'has an owner who is disabled',
      (_token, server) =>
        changed(server, root, `mutation { updateUser(id: "${userId.encode(owner)}", disabled: true) { id } }`),
    ],
    [
      'has an owner who leaves',
      (_token, server) => changed(server, browser, `mutation { deleteAccount(password: "${password}") { kind } }`),
    ],
  ])(
    'that %s is refused by both processes from the answer on',
    async (_name, end) => {
      for (const server of [0, 1]) {
        await prepare();
        const token = await newToken();
        await expectEnd(token, 'TOKEN', 'UNAUTHENTICATED', () => end(token, server));
      }
    },
    120_000,
  );
});

describe('A5 a session', () => {
  test.each<[string, (server: number) => Promise<void>]>([
    ['another browser ends', (server) => changed(server, browser, 'mutation { revokeOtherSessions }')],
    [
      'a change of the password ends',
      (server) =>
        changed(
          server,
          browser,
          `mutation { updatePassword(currentPassword: "${password}", newPassword: "${password}") { kind } }`,
        ),
    ],
    [
      'a change of its user’s standing ends',
      (server) =>
        changed(server, root, `mutation { updateUser(id: "${userId.encode(owner)}", administrator: true) { id } }`),
    ],
  ])(
    'that %s is nobody’s at both processes from the answer on',
    async (_name, end) => {
      for (const server of [0, 1]) {
        await prepare();
        const other = await pair.session(owner);
        await expectEnd(other, 'SESSION', 'GUEST', () => end(server));
      }
    },
    120_000,
  );
});

describe('A12 the switch of the API under load', () => {
  test('holds for every request that begins after its answer, at both processes, and lets sessions go on', async () => {
    await prepare();
    const token = await newToken();
    const tokens = new Stream(pair, token, 3);
    const sessions = new Stream(pair, browser, 1);
    const windows: { from: number; until: number; outcome: string }[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const enabled = turn % 2 === 1;
      await changed(turn % 4 < 2 ? 0 : 1, root, `mutation { updateApiSettings(enabled: ${enabled}) { enabled } }`);
      const from = performance.now();
      await tokens.pass(20);
      windows.push({ from, until: performance.now(), outcome: enabled ? 'TOKEN' : 'API_DISABLED' });
    }
    const [answered] = await Promise.all([tokens.stop(), sessions.stop()]);
    for (const { from, until, outcome } of windows) {
      const within = answered.filter(({ began, ended }) => began > from && ended < until);
      expect(within.length).toBeGreaterThan(0);
      expect(outcomes(within)).toEqual([outcome]);
    }
    expect(outcomes(answered)).toEqual(['API_DISABLED', 'TOKEN']);
    expect(outcomes(sessions.answered)).toEqual(['SESSION']);
  }, 120_000);
});
