import { afterEach, describe, expect, test } from '@jest/globals';
import { readAnswer, testServer } from '../helper.js';

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
