import { expect } from '@jest/globals';
import type { Pair } from '../pair.js';
import { type Browser, type Credential, guest, type Refusal, type World } from './world.js';

// To see the account, a token needs an ability; to see itself, it needs none.
const viewerOf = {
  token: '{ viewer { kind token { id } abilities } apiSettings { enabled } }',
  browser: '{ viewer { kind user { id } abilities } apiSettings { enabled } }',
  guest: '{ viewer { kind user { id } abilities } apiSettings { enabled } }',
};
const apiTokens =
  '{ apiTokens(first: 100) { nodes { id name abilities effectiveAbilities expiresAt owner { id } } } viewer { apiTokenLimits { count } } }';
const everyone = '{ users(first: 100) { nodes { id administrator disabledAt apiTokenCount } } }';

/** What a credential is told about itself by one server. */
export async function checkCredential(world: World, pair: Pair, server: number, credential: Credential): Promise<void> {
  const { codes, data } = await pair.ask(server, credential, viewerOf[credential.kind]);
  const refusal = world.refusal(credential);
  const expected =
    refusal === null
      ? { codes: [], viewer: world.viewer(credential), apiSettings: { enabled: world.enabled } }
      : { codes: [refusal], viewer: undefined, apiSettings: undefined };
  expect({ codes, viewer: data?.viewer, apiSettings: data?.apiSettings }).toEqual(expected);
}

/** The list of tokens that a browser is shown. */
export async function checkTokens(world: World, pair: Pair, server: number, browser: Browser): Promise<void> {
  const { codes, data } = await pair.ask(server, browser, apiTokens);
  const refusal: Refusal = world.managesTokens(browser);
  if (refusal !== null) {
    expect(codes).toEqual([refusal]);
    return;
  }
  const mine = world.tokensOf(browser.account);
  expect({
    codes,
    count: data.viewer.apiTokenLimits.count,
    tokens: data.apiTokens.nodes.map(({ expiresAt, ...rest }: { expiresAt: string | null }) => ({
      ...rest,
      ended: expiresAt !== null && Date.parse(expiresAt) <= Date.now(),
    })),
  }).toEqual({
    codes: [],
    count: mine.length,
    tokens: mine.toReversed().map((token) => ({
      id: token.id,
      name: token.name,
      abilities: token.abilities,
      effectiveAbilities: world.worth(token.abilities, token.account),
      owner: { id: token.account.id },
      ended: world.hasEnded(token),
    })),
  });
}

/** The list of accounts that administrators are shown. */
async function checkAccounts(world: World, pair: Pair, server: number, browser: Browser): Promise<void> {
  const { codes, data } = await pair.ask(server, browser, everyone);
  expect(codes).toEqual([]);
  const shown = data.users.nodes.map(({ disabledAt, ...rest }: { id: string; disabledAt: string | null }) => ({
    ...rest,
    disabled: disabledAt !== null,
  }));
  const expected = world.accounts
    .filter(({ gone }) => !gone)
    .map((account) => ({
      id: account.id,
      administrator: account.administrator,
      disabled: account.disabled,
      apiTokenCount: world.tokensOf(account).length,
    }));
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(shown.sort(byId)).toEqual(expected.sort(byId));
}

/** How many credentials that a step did not touch are looked at after it. */
const bystanders = 3;

/**
 * After a step: the credentials that it touched at both servers, a few of the others at the one that did not take it, and
 * the lists of one browser.
 */
export async function observe(world: World, pair: Pair, server: number, look: number): Promise<void> {
  const others = [guest, ...world.credentials()].filter((credential) => !world.touched.includes(credential));
  const start = look % Math.max(1, others.length);
  const alive = world.browsers.filter((browser) => world.isAlive(browser));
  const browser = alive[look % Math.max(1, alive.length)];
  await Promise.all([
    ...[0, 1].flatMap((each) => [...new Set(world.touched)].map((one) => checkCredential(world, pair, each, one))),
    ...[...others.slice(start), ...others.slice(0, start)]
      .slice(0, bystanders)
      .map((credential) => checkCredential(world, pair, 1 - server, credential)),
    ...(browser === undefined ? [] : [checkTokens(world, pair, look % 2, browser)]),
  ]);
}

/** At the end of a run: everything at both servers, and no row without its account. */
export async function observeAll(world: World, pair: Pair): Promise<void> {
  const root = world.browsers.find((browser) => world.administers(browser) === null);
  for (const server of [0, 1]) {
    await Promise.all([
      ...[guest, ...world.credentials()].map((credential) => checkCredential(world, pair, server, credential)),
      ...world.browsers.map((browser) => checkTokens(world, pair, server, browser)),
      ...(root === undefined ? [] : [checkAccounts(world, pair, server, root)]),
    ]);
  }
  const [counts] = await pair.sql<{ tokens: number; sessions: number; users: number }>(
    `select (select count(*)::int from users) as users,
            (select count(*)::int from api_tokens) as tokens,
            (select count(*)::int from sessions
             where expires_at > now() and last_active_at > now() - interval '2 hours') as sessions`,
  );
  expect(counts).toEqual({
    users: world.accounts.filter(({ gone }) => !gone).length,
    tokens: world.accounts.flatMap((account) => world.tokensOf(account)).length,
    sessions: world.accounts.flatMap((account) => world.browsersOf(account)).length,
  });
}
