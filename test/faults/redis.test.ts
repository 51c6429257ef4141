import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Answer, password, TestServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { RedisServer } from './redis-server.js';

const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const abilities = ['read'];

let redis: RedisServer;
let server: TestServer;
let email: string;
/** Each test comes from an address of its own. */
let address = 0;

beforeAll(async () => {
  redis = await RedisServer.start();
  server = await start();
  await server.api(true);
});

afterAll(async () => {
  await server?.stop();
  await redis?.remove();
});

beforeEach(async () => {
  address += 1;
  ({ email } = await server.user());
  await connected();
});

afterEach(async () => {
  redis.signal('SIGCONT');
  if ((await redis.ask((client) => client.ping()).catch(() => null)) === null) {
    await redis.up();
  }
  await redis.ask((client) => client.config('SET', 'maxmemory', '0'));
});

function start(env: Record<string, string> = {}, log?: LogLines): Promise<TestServer> {
  const budgets = { COST_PER_MINUTE: '400', COST_PER_MINUTE_GUEST: '10000' };
  return TestServer.start({ REDIS_URL: redis.url, TRUST_PROXY: '127.0.0.1', ...budgets, ...env }, log);
}

function attempt(attempted: string, on = server): Promise<Answer> {
  return on.asGuest().send(login, { email, password: attempted }, { 'x-forwarded-for': `198.51.100.${address}` });
}

const code = async (attempted: string, on = server) => (await attempt(attempted, on)).codes[0] ?? 'ok';

async function codes(count: number, on = server): Promise<string[]> {
  const found: string[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    found.push(await code('wrong', on));
  }
  return found;
}

const wrong = (count: number) => Array<string>(count).fill('UNAUTHENTICATED');
const limited = (count: number) => Array<string>(count).fill('RATE_LIMITED');

/** Waits until the server counts in Redis (again). */
async function connected(): Promise<void> {
  for (let probe = 0; probe < 600; probe += 1) {
    await server.app.services.throttle.registration(`203.0.113.${probe % 200}`);
    if ((await redis.ask((client) => client.keys('register_address:*'))).length > 0) {
      await redis.ask((client) => client.flushall());
      return;
    }
    await sleep(50);
  }
  throw new Error('The server did not find its Redis again.');
}

/** What a token can spend until it is refused; every answer is a 200 or a 429. */
async function drain(on = server): Promise<number> {
  const client = await on.actingAs(await on.user(), abilities);
  return drainAs(client, 1_000);
}

async function drainAs(client: Awaited<ReturnType<TestServer['actingAs']>>, turns: number): Promise<number> {
  for (let spent = 0; spent < turns; spent += 2) {
    const answer = await client.send('{ viewer { kind } }');
    if (answer.status === 429) {
      expect(answer.codes).toEqual(['RATE_LIMITED']);
      return spent;
    }
    expect(answer.status).toBe(200);
    expect(answer.cost).toMatchObject({ requested: 2, limit: 400 });
  }
  return turns;
}

describe('R13 Redis', () => {
  test('R13 has the counters, and the database has none', async () => {
    expect(await codes(6)).toEqual([...wrong(5), ...limited(1)]);
    expect(await drain()).toBe(400);
    const keys = await redis.ask((client) => client.keys('*'));
    expect(keys.map((key) => key.split(':')[0]).sort()).toEqual([
      'cost',
      'login_account',
      'login_address',
      'login_pair',
    ]);
    expect(JSON.stringify(keys)).not.toContain('@');
    expect(await server.sql('select key from rate_limits')).toEqual([]);
    for (const key of keys) {
      expect(await redis.ask((client) => client.pttl(key))).toBeGreaterThan(0);
    }
  });

  test('R13 stopped: what was counted goes on counting, nothing is open and nothing fails', async () => {
    expect(await codes(3)).toEqual(wrong(3));
    await redis.down();
    expect(await codes(4)).toEqual([...wrong(2), ...limited(2)]);
    const right = await attempt(password);
    expect([right.status, right.codes]).toEqual([429, ['RATE_LIMITED']]);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    ({ email } = await server.user());
    expect(await code(password)).toBe('ok');
    expect(await codes(7)).toEqual([...wrong(5), ...limited(2)]);
    const ready = await fetch(`${server.origin}/readyz`);
    expect(ready.status).toBe(200);
  });

  test('R13 stopped and started again, empty: who was limited still is', async () => {
    expect(await codes(6)).toEqual([...wrong(5), ...limited(1)]);
    await redis.down();
    await redis.up();
    expect(await codes(2)).toEqual(limited(2));
    await connected();
    expect(await codes(2)).toEqual(limited(2));
    expect(await code(password)).toBe('RATE_LIMITED');
  });

  test('R13 flushed, with its scripts: nobody gets more tries, and nothing fails', async () => {
    expect(await codes(3)).toEqual(wrong(3));
    await redis.ask((client) => client.flushall());
    await redis.ask((client) => client.script('FLUSH'));
    expect(await codes(4)).toEqual([...wrong(2), ...limited(2)]);
  });

  test('R13 frozen: sign-ins are answered in seconds, the limit holds, and Redis counts again when it goes on', async () => {
    redis.signal('SIGSTOP');
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => code('wrong')));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(answers.sort()).toEqual([...limited(15), ...wrong(5)]);
    ({ email } = await server.user());
    expect(await code(password)).toBe('ok');
    redis.signal('SIGCONT');
    await connected();
    expect(await code('wrong')).toBe('UNAUTHENTICATED');
    expect((await redis.ask((client) => client.keys('login_account:*'))).length).toBe(1);
  });

  test('R13 full: it takes no counts, so the server counts for itself', async () => {
    await redis.ask((client) => client.config('SET', 'maxmemory', '1'));
    expect(await codes(7)).toEqual([...wrong(5), ...limited(2)]);
    expect(await drain()).toBe(400);
  });

  test('R13 not there at the start: the server starts, and the limits hold', async () => {
    const alone = await start({ REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      await alone.api(true);
      ({ email } = await alone.user());
      expect(await code(password, alone)).toBe('ok');
      expect(await codes(7, alone)).toEqual([...wrong(5), ...limited(2)]);
      expect(await code(password, alone)).toBe('RATE_LIMITED');
      expect(await drain(alone)).toBe(400);
    } finally {
      await alone.stop();
    }
  });
});

test('R13 Redis that does not take the password: the limits hold, and the log does not tell it', async () => {
  await redis.ask((client) => client.config('SET', 'requirepass', 'the right one'));
  const log = new LogLines();
  const stranger = await start({ REDIS_URL: redis.url.replace('//', '//:a-secret-canary@'), LOG_LEVEL: 'trace' }, log);
  try {
    ({ email } = await stranger.user());
    expect(await codes(7, stranger)).toEqual([...wrong(5), ...limited(2)]);
    expect(log.entries.filter(({ msg }) => msg === 'Redis is away').length).toBeGreaterThan(0);
    expect(log.text).not.toContain('canary');
  } finally {
    await stranger.stop();
    await redis.down();
    await redis.up();
  }
});

describe('R13 budgets while Redis', () => {
  test.each([
    ['is stopped', () => redis.down()],
    ['is frozen', async () => redis.signal('SIGSTOP')],
    ['is flushed', () => redis.ask((client) => client.flushall())],
  ])('R13 %s are spent as if nothing had happened', async (_name, fault) => {
    const client = await server.actingAs(await server.user(), abilities);
    expect(await drainAs(client, 200)).toBe(200);
    await fault();
    expect(await drainAs(client, 1_000)).toBe(200);
    expect((await client.send('{ __typename }')).codes).toEqual(['RATE_LIMITED']);
  });
});
