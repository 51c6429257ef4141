import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Cluster } from '../cluster.js';
import type { Deployment } from './deployment.js';
import { type Attempt, Load } from './load.js';
import { record } from './results.js';

/** What clients may see while something is broken; everything else is a fault of ours. */
const honest = /^(200|503 SERVICE_UNAVAILABLE)$/;

/** How long clients work before the fault, and after it: nginx tries what had failed again after two seconds at the latest. */
const leadMs = 500;
const tailMs = 2_500;

/** What a fault is held to. */
export interface Bounds {
  /** From the moment at which the service is back to the first success, in milliseconds. */
  readonly recoveryMs?: number;
  /** How many requests may be refused at most. */
  readonly refusals?: number;
}

/** What the clients saw, for what one fault asks beyond the rest. */
export interface Seen {
  readonly attempts: readonly Attempt[];
  /** When the service was back, in milliseconds since 1970. */
  readonly backAt: number;
}

/**
 * Lets clients write and read while `inject` breaks something and mends it; it returns when the service was back, or
 * nothing where it never was away. Looks up every acknowledged write, records what happened and holds it to the bounds.
 */
export async function suffer(
  fault: string,
  { cluster, deployment, databaseUrl }: { cluster: Cluster; deployment: Deployment; databaseUrl: string },
  inject: () => Promise<number | undefined>,
  bounds: Bounds = {},
): Promise<Seen> {
  const load = Load.start(deployment);
  let back: number | undefined;
  try {
    await sleep(leadMs);
    back = await inject();
    await sleep(tailMs);
  } finally {
    await load.stop();
  }
  const { attempts } = load;
  const found = await written(cluster, databaseUrl, load.prefix);
  const writes = attempts.filter(({ kind }) => kind !== 'read');
  const acknowledged = writes.filter(({ ok }) => ok);
  const lost = acknowledged.filter(({ name }) => !found.has(name));
  const unknown = writes.filter(({ ok }) => !ok);
  const success = back === undefined ? undefined : load.firstSuccess(back);
  const refusal = load.lastRefusal();
  const codes = await deployment.ended();
  const processes = codes.length === 0 ? 'alive' : `ended: ${codes.join(', ')}`;
  record({
    fault,
    answers: countOf(attempts.map(({ outcome, byProxy }) => (byProxy ? `${outcome} of the proxy` : outcome))),
    longestMs: Math.max(...attempts.map(({ ms }) => ms)),
    firstSuccessMs: back === undefined || success === undefined ? null : success - back,
    lastRefusalMs: back === undefined || refusal === undefined || refusal < back ? null : refusal - back,
    acknowledged: acknowledged.length,
    lost: lost.length,
    unknown: unknown.length,
    written: unknown.filter(({ name }) => found.has(name)).length,
    processes,
  });

  expect(attempts.filter(({ outcome }) => !honest.test(outcome)).map(({ outcome }) => outcome)).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(lost).toEqual([]);
  expect(processes).toBe('alive');
  expect(attempts.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(bounds.refusals ?? Number.POSITIVE_INFINITY);
  if (back !== undefined) {
    expect((success ?? Number.POSITIVE_INFINITY) - back).toBeLessThan(bounds.recoveryMs ?? 3_000);
  }
  expect(attempts.filter(({ kind, token }) => kind === 'token' && token !== undefined).length).toBeGreaterThan(0);
  await expectWholeTokens(deployment, acknowledged);
  await expectNoOrphans(cluster, databaseUrl);
  return { attempts, backAt: back ?? Date.now() };
}

/** Titles and names below a prefix that the database has. */
async function written(cluster: Cluster, url: string, prefix: string): Promise<Set<string>> {
  const rows = await cluster.query<{ name: string }>(
    'select title as name from posts where title like $1 union all select name from api_tokens where name like $1',
    [`${prefix}%`],
    url,
  );
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  return new Set(rows.map(({ name }) => name));
}

/** The tokens that were handed out are good. */
async function expectWholeTokens(deployment: Deployment, acknowledged: readonly Attempt[]): Promise<void> {
  const tokens = acknowledged.flatMap(({ token }) => (token === undefined ? [] : [token]));
  for (const token of [...tokens.slice(0, 5), ...tokens.slice(-5)]) {
    const { data } = await deployment.ask('{ viewer { kind } }', { authorization: `Bearer ${token}` });
    expect(data).toEqual({ viewer: { kind: 'TOKEN' } });
  }
}

/** Nothing belongs to nobody and no token lacks a part of itself. */
async function expectNoOrphans(cluster: Cluster, url: string): Promise<void> {
  const [row] = await cluster.query(
    `select (select count(*) from posts p where not exists (select from users u where u.id = p.author_id))::int as posts,
      (select count(*) from sessions s where not exists (select from users u where u.id = s.user_id))::int as sessions,
      (select count(*) from api_tokens t where not exists (select from users u where u.id = t.user_id)
        or length(t.secret_hash) <> 64 or cardinality(t.abilities) = 0)::int as tokens,
      (select count(*) from api_settings)::int as settings`,
    [],
    url,
  );
  expect(row).toEqual({ posts: 0, sessions: 0, tokens: 0, settings: 1 });
}

function countOf(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
