import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Answer, readAnswer, testServer } from '../helper.js';
import { dial, head } from './raw.js';

const token = 'a-token-for-the-scraper';
const server = testServer({ MAX_EVENT_LOOP_DELAY_MS: '60', METRICS_TOKEN: token, CONSOLE: 'off' });

let stalling: NodeJS.Timeout | undefined;

/** Keeps the event loop of this process, which is the server's, busy for most of the time. */
function stall(): void {
  stalling ??= setInterval(() => {
    for (const until = performance.now() + 150; performance.now() < until; ) {
      // Nothing else runs meanwhile.
    }
  }, 1);
}

function goOn(): void {
  clearInterval(stalling);
  stalling = undefined;
}

afterEach(goOn);

const ask = async () =>
  readAnswer(
    await fetch(server().url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    }),
  );

/** Asks until the status is this one; the limit is far above what it takes. */
async function until(status: number) {
  for (const deadline = Date.now() + 30_000; ; ) {
    const answer = await ask();
    if (answer.status === status || Date.now() > deadline) {
      return answer;
    }
  }
}

describe('R10 an event loop that lags', () => {
  test('R10 turns requests away in our form with Retry-After, lives, is not ready, and recovers by itself', async () => {
    expect((await until(200)).data).toEqual({ __typename: 'Query' });
    stall();
    const refused = await until(503);
    expect([refused.status, refused.codes, refused.headers.get('retry-after')]).toEqual([
      503,
      ['SERVICE_UNAVAILABLE'],
      '1',
    ]);
    expect(refused.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(refused.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(refused.text).not.toMatch(/pressure|event|loop|heap/i);
    expect((await fetch(`${server().origin}/livez`)).status).toBe(200);
    expect((await fetch(`${server().origin}/readyz`)).status).toBe(503);
    const metrics = await fetch(`${server().origin}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await metrics.text()).toMatch(/^latchkey_rate_limited_total\{limit="overload"\} [1-9]/m);
    goOn();
    expect((await until(200)).data).toEqual({ __typename: 'Query' });
    expect((await fetch(`${server().origin}/readyz`)).status).toBe(200);
  }, 90_000);
});

describe('R10 too many requests at once', () => {
  const small = testServer({ MAX_REQUESTS_AT_ONCE: '10', DATABASE_POOL_SIZE: '20' });

  /** Keeps every statement on posts waiting until what is returned is called. */
  async function holdPosts(): Promise<() => Promise<void>> {
    const { promise: held, resolve: isHeld } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const holding = small().em.transactional(async (em) => {
      const context = em.getTransactionContext();
      await em.getConnection().execute('lock table posts in access exclusive mode', [], 'run', context);
      isHeld();
      await released;
    });
    await held;
    return async () => {
      release();
      await holding;
    };
  }

  test('R10 the first ones are served and the others turned away at once, again and again', async () => {
    const session = await small().withSession(await small().user());
    for (let again = 0; again < 3; again += 1) {
      const release = await holdPosts();
      const answers: Answer[] = [];
      const all = Array.from({ length: 40 }, async () => {
        answers.push(await session.send('{ posts(first: 1) { nodes { id } } }'));
      });
      while (answers.length < 30) {
        await sleep(10);
      }
      expect(answers.map((answer) => [answer.status, answer.codes, answer.headers.get('retry-after')])).toEqual(
        Array.from({ length: 30 }, () => [503, ['SERVICE_UNAVAILABLE'], '1']),
      );
      expect((await fetch(`${small().origin}/livez`)).status).toBe(200);
      await release();
      await Promise.all(all);
      expect(answers.slice(30).map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200));
    }
  }, 60_000);

  test('R10 clients that hang up, or never send their body, take nobody a place', async () => {
    const body = JSON.stringify({ query: 'mutation { login(email: "a@example.com", password: "wrong") { kind } }' });
    const post = head('POST /graphql', {
      connection: 'keep-alive',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'sec-fetch-site': 'same-origin',
    });
    const slow = await Promise.all(Array.from({ length: 20 }, () => dial(small().origin)));
    for (const socket of slow) {
      socket.write(post);
    }
    for (let index = 0; index < 30; index += 1) {
      const socket = await dial(small().origin);
      socket.write(post + body, () => socket.destroy());
    }
    await sleep(200);
    for (let index = 0; index < 12; index += 1) {
      expect((await small().asGuest().send('{ __typename }')).status).toBe(200);
    }
    for (const socket of slow) {
      socket.destroy();
    }
  }, 60_000);
});
