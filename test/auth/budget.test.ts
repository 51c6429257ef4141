import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { v7 } from 'uuid';
import { type Budget, type BudgetLimits, Budgets } from '../../src/auth/budget.js';
import {
  guest,
  narrowedPrincipal,
  type PrincipalUser,
  sessionPrincipal,
  tokenPrincipal,
} from '../../src/auth/principal.js';
import { testServer } from '../helper.js';

const server = testServer();
const ip = '198.51.100.1';
let user: PrincipalUser;
let wall0: number;
let steady0: number;

/** What one instance knows of budgets; all of a test share the store. */
const instance = (limits: Partial<BudgetLimits> = {}) =>
  new Budgets(server().app.services.counters, { perAccount: 1_000, perGuest: 100, ...limits });
const person = (): PrincipalUser => ({
  id: v7(),
  name: 'Somebody',
  email: 'somebody@example.com',
  isAdministrator: false,
  createdAt: new Date(),
});
const token = (owner = user) => tokenPrincipal(owner, v7(), [], new Set());
const of = (budgets: Budgets, principal = token(), from = ip) => budgets.of(principal, from) as Budget;

/** How much of a budget can be spent in steps until a step is refused. */
async function drain(budget: Budget, step = 1): Promise<number> {
  let spent = 0;
  while (await budget.spend(step)) {
    spent += step;
  }
  return spent;
}

const counted = async (like = 'cost:%') =>
  (
    await server().sql<{ key: string; points: number }>('select key, points from rate_limits where key like $1', [like])
  ).map(({ points }) => points);

beforeEach(async () => {
  user = person();
  // In whole milliseconds, so that what is added and taken away again is exact.
  [wall0, steady0] = [Date.now(), Math.ceil(performance.now())];
  await server().sql('delete from rate_limits');
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Stops both clocks, so many milliseconds after the test began. */
function at(ms: number): void {
  jest.restoreAllMocks();
  jest.spyOn(Date, 'now').mockReturnValue(wall0 + ms);
  jest.spyOn(performance, 'now').mockReturnValue(steady0 + ms);
}

describe('a budget', () => {
  test.each([1, 7, 100])(
    'gives out its limit, in steps of %i, and then nothing until the minute is over',
    async (step) => {
      at(0);
      const budget = of(instance());
      expect(await drain(budget, step)).toBe(1_000 - (1_000 % step));
      expect(budget.standing()).toEqual({ limit: 1_000, remaining: 1_000 % step, resetsIn: 60 });
      at(59_000);
      expect(await budget.spend(step)).toBe(false);
      at(61_500);
      expect(budget.standing().remaining).toBe(1_000);
      expect(await drain(budget, step)).toBe(1_000 - (1_000 % step));
    },
  );

  test('takes nothing for what it refuses, so that something smaller still fits', async () => {
    const budget = of(instance());
    expect(await budget.spend(990)).toBe(true);
    expect(await budget.spend(11)).toBe(false);
    expect(budget.standing().remaining).toBe(10);
    expect(await budget.spend(10)).toBe(true);
    expect(await budget.spend(1)).toBe(false);
  });

  test('lets one through that costs more than a minute has, when nothing else was asked for', async () => {
    const [whole, begun] = [of(instance()), of(instance(), token(person()))];
    expect(await whole.spend(5_000)).toBe(true);
    expect(await whole.spend(1)).toBe(false);
    await begun.spend(1);
    expect(await begun.spend(5_000)).toBe(false);
  });

  test('gives out exactly its limit to requests that come at once', async () => {
    const budget = of(instance());
    const answers = await Promise.all(Array.from({ length: 300 }, async () => budget.spend(10)));
    expect(answers.filter((answer) => answer)).toHaveLength(100);
  });

  test('asks the store for nothing while little is spent, and for no more than a portion at a time', async () => {
    const budget = of(instance());
    for (let turn = 0; turn < 50; turn += 1) {
      expect(budget.spend(1)).toBe(true);
    }
    expect(await counted()).toEqual([]);
    await budget.spend(1);
    expect(await counted()).toEqual([100]);
    await drain(budget);
    expect((await counted())[0]).toBeLessThanOrEqual(1_050);
  });

  test('asks the store no more once it is spent', async () => {
    const budget = of(instance());
    await drain(budget);
    const before = await counted();
    for (let turn = 0; turn < 10; turn += 1) {
      expect(budget.spend(1)).toBe(false);
    }
    expect(await counted()).toEqual(before);
  });

  test('tells what is left of it', async () => {
    const budget = of(instance());
    const left: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await budget.spend(30);
      left.push(budget.standing().remaining);
    }
    expect(left).toEqual([970, 940, 910, 880, 850]);
  });
});

describe('who shares a budget', () => {
  test('all tokens of an account do; its sessions and the tokens of others do not', async () => {
    const budgets = instance();
    await drain(of(budgets, token()));
    expect(await of(budgets, token()).spend(1)).toBe(false);
    const session = sessionPrincipal(user, v7(), []);
    expect(await of(budgets, session).spend(1)).toBe(true);
    expect(await of(budgets, token(person())).spend(1)).toBe(true);
    await drain(of(budgets, session));
    expect(await of(budgets, sessionPrincipal(user, v7(), [])).spend(1)).toBe(false);
  });

  test('a session that runs as a token spends as a session', async () => {
    const budgets = instance();
    await drain(of(budgets, sessionPrincipal(user, v7(), [])));
    expect(await of(budgets, narrowedPrincipal(user, v7(), [], new Set(), null)).spend(1)).toBe(false);
    expect(await of(budgets, token()).spend(1)).toBe(true);
  });

  test('guests do by network, of which IPv6 gives everybody a great many addresses', async () => {
    const budgets = instance();
    expect(await drain(of(budgets, guest, '2001:db8::1'))).toBe(100);
    expect(await of(budgets, guest, '2001:db8::2').spend(1)).toBe(false);
    expect(await of(budgets, guest, '2001:db8:0:1::2').spend(1)).toBe(true);
    expect(await of(budgets, token(), '2001:db8::1').spend(1)).toBe(true);
  });

  test('nobody does where there is no limit', () => {
    const budgets = instance({ perAccount: 0 });
    expect(budgets.of(token(), ip)).toBeNull();
    expect(budgets.of(guest, ip)).not.toBeNull();
    expect(instance({ perGuest: 0 }).of(guest, ip)).toBeNull();
  });
});

describe('the instances on one store', () => {
  const portion = 50;

  test.each([1, 20, 130])('give out the limit together, in steps of %i', async (step) => {
    const shares = [instance(), instance(), instance()].map((budgets) => of(budgets));
    let spent = 0;
    for (let refused = 0; refused < shares.length; ) {
      refused = 0;
      for (const share of shares) {
        if (await share.spend(step)) {
          spent += step;
        } else {
          refused += 1;
        }
      }
    }
    expect(spent).toBeGreaterThanOrEqual(1_000 - shares.length * Math.max(portion, step));
    expect(spent).toBeLessThanOrEqual(1_000);
  });

  test('give out the limit together when requests come at once, and one first portion more at most', async () => {
    const shares = [instance(), instance()].map((budgets) => of(budgets));
    const spent = await Promise.all(
      shares.flatMap((share) => Array.from({ length: 200 }, async () => share.spend(10))),
    );
    const points = spent.filter((answer) => answer).length * 10;
    expect(points).toBeLessThanOrEqual(1_000 + portion);
    expect(points).toBeGreaterThanOrEqual(900);
  });

  test('that come late give no more than the first portion, and say when the minute of the others is over', async () => {
    at(0);
    await drain(of(instance()));
    at(40_000);
    const late = of(instance());
    expect(await drain(late)).toBe(portion);
    expect(late.standing()).toMatchObject({ remaining: 0, resetsIn: 20 });
  });
});

describe('R13: while the store', () => {
  test('is away, each instance holds the whole limit by itself', async () => {
    const [one, another] = [of(instance()), of(instance())];
    await server().sql('alter table rate_limits rename to rate_limits_away');
    try {
      expect(await drain(one)).toBe(1_000);
      expect(await drain(another)).toBe(1_000);
    } finally {
      await server().sql('alter table rate_limits_away rename to rate_limits');
    }
    expect(await one.spend(1)).toBe(false);
  });

  test('goes away and comes back, what was spent meanwhile is counted there', async () => {
    const budget = of(instance());
    await server().sql('alter table rate_limits rename to rate_limits_away');
    try {
      expect(await budget.spend(400)).toBe(true);
    } finally {
      await server().sql('alter table rate_limits_away rename to rate_limits');
    }
    expect(await budget.spend(100)).toBe(true);
    expect((await counted())[0]).toBeGreaterThanOrEqual(500);
    expect(await drain(of(instance()))).toBeLessThanOrEqual(500);
  });

  test('loses its counts, no instance gives out more than the limit in its minute', async () => {
    const budget = of(instance());
    expect(await budget.spend(600)).toBe(true);
    await server().sql('delete from rate_limits');
    expect(await drain(budget)).toBe(400);
  });
});

test('budgets of addresses that never come again are forgotten', () => {
  const budgets = instance();
  const come = (network: number) => {
    for (let host = 0; host < 200; host += 1) {
      expect(of(budgets, guest, `10.0.${network}.${host}`).spend(1)).toBe(true);
    }
  };
  at(0);
  come(1);
  expect(budgets.size).toBe(200);
  at(61_000);
  come(2);
  expect(budgets.size).toBe(200);
});
