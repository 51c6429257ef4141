import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { hashSecret } from '../../src/auth/token-text.js';
import { socketDirectory } from '../../src/database/embedded.js';
import { Latchkey, type Served } from '../program.js';

const account = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };
const minute = 60;
/** Real seconds that a test may take between two looks at the clock. */
const slack = 45;
const idle = 30 * minute;
const lifetime = 120 * minute;

/** The library that tells a process another time than it is: https://github.com/wolfcw/libfaketime */
function faketime(): string {
  const found = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name))]
    .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error('These tests need faketime: `apt-get install faketime`.');
  }
  return found;
}

/** The clock of one process, in seconds beside the real one. */
class Clock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
  readonly #file = join(this.#folder, 'offset');

  constructor() {
    this.set(0);
  }

  /** For the environment of the process; its timers run as ever. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: faketime(),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

let latchkey: Latchkey;
let clock: Clock;
let server: Served;
let database: pg.Client;
let browser: { cookie: string };

beforeAll(async () => {
  latchkey = await Latchkey.build();
  clock = new Clock();
  const dataDir = latchkey.newDataDir();
  server = await latchkey.serve({
    ...clock.env,
    ...account,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    SESSION_IDLE_MINUTES: String(idle / minute),
    SESSION_LIFETIME_HOURS: String(lifetime / minute / 60),
  });
  database = new pg.Client({ host: socketDirectory(dataDir), user: 'postgres', database: 'postgres' });
  await database.connect();
}, 120_000);

afterAll(async () => {
  await database?.end();
  await latchkey?.remove();
  clock?.remove();
});

beforeEach(async () => {
  clock.set(0);
  browser = await server.signIn(account.ADMIN_EMAIL, account.ADMIN_PASSWORD);
});

/** Who is asking at this moment; the use of a session is written before it resolves. */
async function kindAt(seconds: number, headers: Record<string, string> = browser): Promise<string> {
  clock.set(seconds);
  const moment = new Date(Date.now() + seconds * 1_000);
  const answer = await server.ask('{ viewer { kind } }', headers);
  const kind = answer.data?.viewer.kind ?? answer.codes[0];
  while (kind === 'SESSION' && !(await isWritten(moment))) {
    await sleep(20);
  }
  return kind;
}

/** Whether the row of the session tells of its use at this moment, or of one so near that no other is written. */
async function isWritten(moment: Date): Promise<boolean> {
  const [, secret = ''] = browser.cookie.split('=');
  const { rowCount } = await database.query(
    "select 1 from sessions where secret_hash = $1 and last_active_at > $2::timestamptz - interval '1 minute'",
    [hashSecret(secret), moment],
  );
  return rowCount === 1;
}

describe('C5 the whole program, told another time', () => {
  test('C5: a session ends after half an hour without a request, and each request moves that end', async () => {
    const steps = idle - slack;
    expect(await kindAt(steps)).toBe('SESSION');
    expect(await kindAt(2 * steps)).toBe('SESSION');
    expect(await kindAt(2 * steps + idle + 1)).toBe('GUEST');
  });

  test('C5: a session ends after two hours, however busy it is', async () => {
    for (let seconds = 20 * minute; seconds < lifetime; seconds += 20 * minute) {
      expect([seconds, await kindAt(seconds)]).toEqual([seconds, 'SESSION']);
    }
    expect(await kindAt(lifetime - slack)).toBe('SESSION');
    expect(await kindAt(lifetime + 1)).toBe('GUEST');
  });

  test('A4, C5: a token ends at its moment, and not before', async () => {
    await server.ask('mutation { updateApiSettings(enabled: true) { enabled } }', browser);
    const moment = new Date(Date.now() + 600_000).toISOString();
    const { data } = await server.ask(
      `mutation { createApiToken(name: "Ten minutes", abilities: ["read"], expiresAt: "${moment}") { plainTextToken } }`,
      browser,
    );
    const bearer = { authorization: `Bearer ${data.createApiToken.plainTextToken}` };
    expect(await kindAt(600 - slack, bearer)).toBe('TOKEN');
    expect(await kindAt(601, bearer)).toBe('UNAUTHENTICATED');
  });

  test('C5, R16: a clock that goes back an hour, and on by one, signs nobody out', async () => {
    expect(await kindAt(-3_600)).toBe('SESSION');
    expect(await kindAt(20 * minute)).toBe('SESSION');
    expect(await kindAt(20 * minute - 3_600)).toBe('SESSION');
    expect(await kindAt(20 * minute)).toBe('SESSION');
  });
});
