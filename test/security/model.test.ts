import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sessionId } from '../../src/sessions/session.entity.js';
import { userId } from '../../src/users/user.entity.js';
import { password } from '../helper.js';
import { accountSteps } from './model/account-steps.js';
import { administrationSteps } from './model/administration-steps.js';
import { observe, observeAll } from './model/observation.js';
import type { Draw, Kind } from './model/step.js';
import { tokenSteps } from './model/token-steps.js';
import { type Ability, guest, seats, tokensPerUser, World } from './model/world.js';
import { Pair } from './pair.js';

const runs = 300;
const stepsOfRun = 30;

/** Nobody's clock but the server's own counts, so it is in another zone than the database. */
const settings = { TOKENS_PER_USER: String(tokensPerUser), TZ: 'America/St_Johns' };

const abilities = [
  ...['read', 'create', 'update', 'delete', 'post:create', 'post:read', 'post:update', 'user:read'],
  ...['settings:read', 'settings:update', 'settings:update'],
];

const draws: fc.Arbitrary<Draw> = fc.record({
  server: fc.nat(1),
  who: fc.nat(9_999),
  whom: fc.nat(9_999),
  seat: fc.nat(seats - 1),
  yes: fc.boolean(),
  right: fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, { arbitrary: fc.constant(false), weight: 1 }),
  abilities: fc.oneof(
    { arbitrary: fc.uniqueArray(fc.constantFrom(...abilities), { maxLength: 4 }), weight: 12 },
    { arbitrary: fc.constantFrom(['*'], ['nonsense'], ['read', 'Read']), weight: 1 },
  ),
  end: fc.constantFrom('none', 'none', 'none', 'hours', 'hours', 'days', 'past'),
});

class Step implements fc.AsyncCommand<World, Pair> {
  constructor(
    private readonly name: string,
    private readonly kind: Kind,
    private readonly draw: Draw,
  ) {}

  check(world: World): boolean {
    return world.steps < stepsOfRun && (this.kind.applies?.(world) ?? true);
  }

  async run(world: World, pair: Pair): Promise<void> {
    world.steps += 1;
    world.touched = [];
    await this.kind.run(world, pair, this.draw);
    await observe(world, pair, this.draw.server, this.draw.who + this.draw.whom);
  }

  toString(): string {
    return `${this.name}(${JSON.stringify(this.draw)})`;
  }
}

const steps = fc.oneof(
  ...Object.entries({ ...accountSteps, ...tokenSteps, ...administrationSteps }).map(([name, kind]) => ({
    arbitrary: draws.map((draw) => new Step(name, kind, draw)),
    weight: kind.weight,
  })),
);

// Far more than a run takes, so that few runs come to their end before it.
const sequences = fc.commands([steps], { maxCommands: stepsOfRun * 40, size: 'max' });

/** An administrator and an ordinary account with a browser each, an empty seat, and the API on. */
async function begin(pair: Pair, catalogue: readonly Ability[]): Promise<World> {
  await pair.reset();
  const world = new World(catalogue);
  for (const seat of [0, 1]) {
    const email = `seat-${seat}@example.com`;
    const uuid = await pair.account(email, seat === 0);
    const [id, administrator] = [userId.encode(uuid), seat === 0];
    const account = { seat, id, email, password, administrator, disabled: false, gone: false };
    world.accounts.push(account);
    const session = await pair.session(uuid);
    world.browsers.push({
      ...session,
      kind: 'browser',
      account,
      id: sessionId.encode(session.id),
      ended: false,
      over: false,
    });
  }
  await pair.sql('update api_settings set enabled = true');
  world.enabled = true;
  return world;
}

/** Compares the servers with the model, run by run; returns how many runs went all their steps. */
async function compare(pair: Pair, parameters: fc.Parameters<unknown>): Promise<number> {
  const { data } = await pair.ask(0, guest, '{ abilities { name implies adminOnly } }');
  let full = 0;
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      const world = await begin(pair, data.abilities);
      await fc.asyncModelRun(() => ({ model: world, real: pair }), sequence);
      await observeAll(world, pair);
      full += world.steps === stepsOfRun ? 1 : 0;
    }),
    parameters,
  );
  return full;
}

describe('X11, A4 whatever happens in whatever order, at whichever process', () => {
  let pair: Pair | undefined;

  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });

  test(`every credential may do what the model says, ${runs} runs of ${stepsOfRun} steps`, async () => {
    pair = await Pair.start(settings);
    // A few sequences are shorter than a run.
    const full = await compare(pair, { numRuns: Math.ceil(runs * 1.08) });
    expect(full).toBeGreaterThanOrEqual(runs);
    for (const server of pair.servers) {
      expect(server.stderr).toBe('');
    }
  }, 1_800_000);

  // The comparison itself is tested with servers that are wrong on purpose.
  test.each([
    {
      fault: 'takes tokens that have ended',
      path: 'src/auth/bearer.ts',
      change: (source: string) => source.replace('expiry <= now', 'expiry <= new Date(0)'),
    },
    {
      fault: 'remembers credentials for a second',
      path: 'src/auth/look-up.ts',
      change: (source: string) =>
        source.replace(
          'return (key) => loader.load(key);',
          `const kept = new Map();
           return (key) => {
             const known = kept.get(key);
             if (known !== undefined && Date.now() - known.at < 1_000) return known.found;
             const found = loader.load(key);
             kept.set(key, { at: Date.now(), found });
             return found;
           };`,
        ),
    },
    {
      fault: 'lets other browsers go on after a change of the password',
      path: 'src/users/account.resolver.ts',
      change: (source: string) => source.replace('await sessions.deleteOthers(', 'await (async () => 0)('),
    },
  ])(
    'a server is found out that $fault',
    async (edit) => {
      pair = await Pair.start(settings, edit);
      await expect(compare(pair, { numRuns: runs, endOnFailure: true })).rejects.toThrow(
        /^Property failed after \d+ tests/,
      );
    },
    300_000,
  );
});
