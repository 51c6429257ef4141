import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { Latchkey, type Served } from '../program.js';

const administrator = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };
const minuteMs = 60_000;

let cluster: Cluster;
let latchkey: Latchkey;
let folder: string;
/** One whose clock is right, in Berlin, and one in New York whose clock jumps. */
let right: Served;
let wrong: Served;
let session: { cookie: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
  cluster = await Cluster.start({ timezone: 'Asia/Kolkata' });
  latchkey = await Latchkey.build();
  const env = {
    ...administrator,
    LOG_LEVEL: 'error',
    DATABASE_URL: await cluster.createDatabase(),
    SESSION_IDLE_MINUTES: '30',
  };
  setClock('+0');
  right = await latchkey.serve({ ...env, TZ: 'Europe/Berlin' });
  wrong = await latchkey.serve({
    ...env,
    TZ: 'America/New_York',
    LD_PRELOAD: libfaketime(),
    FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  session = await right.signIn(administrator.ADMIN_EMAIL, administrator.ADMIN_PASSWORD);
  await right.ask('mutation { updateApiSettings(enabled: true) { enabled } }', session);
});

afterEach(() => setClock('+0'));

afterAll(async () => {
  await latchkey?.remove();
  cluster?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Sets the clock of the one instance, as an offset from the true time. */
function setClock(offset: string): void {
  writeFileSync(join(folder, 'clock'), `${offset}\n`);
}

async function tokenUntil(at: Served, expiresAt: Date | null): Promise<{ authorization: string }> {
  const { data, errors } = await at.ask(
    `mutation { createApiToken(name: "Clock", abilities: ["read"]${
      expiresAt === null ? '' : `, expiresAt: "${expiresAt.toISOString()}"`
    }) { plainTextToken } }`,
    session,
  );
  expect(errors).toBeUndefined();
  return { authorization: `Bearer ${data.createApiToken.plainTextToken}` };
}

async function kindOf(at: Served, credential: Readonly<Record<string, string>>): Promise<string> {
  const { data, codes } = await at.ask('{ viewer { kind } }', credential);
  return data?.viewer.kind ?? codes.join();
}

const fromNow = (ms: number) => new Date(Date.now() + ms);

describe('R16 a clock that jumps', () => {
  test('R16 an hour ahead: what ends within it has ended there, and is good again when the clock is', async () => {
    const soon = await tokenUntil(right, fromNow(30 * minuteMs));
    const later = await tokenUntil(right, fromNow(90 * minuteMs));
    expect(await kindOf(wrong, soon)).toBe('TOKEN');
    setClock('+1h');
    expect(await kindOf(wrong, soon)).toBe('UNAUTHENTICATED');
    expect(await kindOf(wrong, later)).toBe('TOKEN');
    // Idle for half an hour, by that clock.
    expect(await kindOf(wrong, session)).toBe('GUEST');
    expect(await kindOf(right, soon)).toBe('TOKEN');
    expect(await kindOf(right, session)).toBe('SESSION');
    setClock('+0');
    expect(await kindOf(wrong, soon)).toBe('TOKEN');
    expect(await kindOf(wrong, session)).toBe('SESSION');
  });

  test('R16 an hour back: nothing that has ended lives on the other instance, and no age is negative', async () => {
    setClock('-1h');
    const early = await tokenUntil(wrong, fromNow(-30 * minuteMs));
    expect(await kindOf(wrong, early)).toBe('TOKEN');
    expect(await kindOf(right, early)).toBe('UNAUTHENTICATED');
    const fresh = await tokenUntil(right, null);
    expect(await kindOf(wrong, fresh)).toBe('TOKEN');
    expect(await kindOf(wrong, session)).toBe('SESSION');
    const late = await wrong.signIn(administrator.ADMIN_EMAIL, administrator.ADMIN_PASSWORD);
    expect(await kindOf(wrong, late)).toBe('SESSION');
    // Begun an hour ago, and idle since: the right clock decides where it is asked.
    expect(await kindOf(right, late)).toBe('GUEST');
    await sleep(500);
    const negative = await cluster.query(
      `select 1 from sessions where expires_at <= created_at union all
       select 1 from api_tokens where expires_at <= created_at or last_used_at < created_at - interval '61 minutes'`,
      [],
      cluster.url('latchkey_1'),
    );
    expect(negative).toEqual([]);
  });

  test('R16, R2 an hour back: /readyz still tells the truth within seconds', async () => {
    const ready = async () => (await fetch(new URL('/readyz', wrong.url))).status;
    expect(await ready()).toBe(200);
    setClock('-1h');
    await cluster.down('fast');
    try {
      await sleep(1_500);
      expect(await ready()).toBe(503);
    } finally {
      await cluster.up();
    }
    await sleep(1_500);
    expect(await ready()).toBe(200);
  });

  test.each([
    '2030-03-31T01:30:00.000Z',
    '2030-10-27T00:30:00.000Z',
    '2030-10-27T01:30:00.000Z',
    '2030-11-03T06:30:00.123Z',
  ])('R16 %s, where a wall clock is changed, is the same moment in every time zone', async (text) => {
    const moment = new Date(text);
    await tokenUntil(right, moment);
    await tokenUntil(wrong, moment);
    for (const server of [right, wrong]) {
      const { data } = await server.ask('{ apiTokens(first: 2) { nodes { expiresAt } } }', session);
      expect(data.apiTokens.nodes).toEqual([{ expiresAt: text }, { expiresAt: text }]);
    }
  });
});

function libfaketime(): string {
  const found = readdirSync('/usr/lib')
    .map((name) => join('/usr/lib', name, 'faketime', 'libfaketime.so.1'))
    .find(existsSync);
  if (found === undefined) {
    throw new Error('These tests need libfaketime: `apt-get install faketime`.');
  }
  return found;
}
