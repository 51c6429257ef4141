import { RateLimiterMemory, RateLimiterRes, type RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import { rateLimited } from '../errors.js';
import type { RateLimit } from '../telemetry/reasons.js';
import type { Counters } from './counters.js';

/** Longer ones would keep too many keys in memory. */
const ownWindowSeconds = 60;

/**
 * So many of something for a key within a window, counted across all instances. While the store is away, each instance
 * counts for itself; beside a store that may forget its counts it does so always, and the stricter of the two holds.
 */
export class Limit {
  readonly #shared: RateLimiterStoreAbstract;
  readonly #own: RateLimiterMemory;
  readonly #always: boolean;

  constructor(
    counters: Counters,
    private readonly kind: RateLimit,
    private readonly points: number,
    windowSeconds: number,
  ) {
    this.#shared = counters.counter(kind, points, windowSeconds);
    this.#own = new RateLimiterMemory({
      keyPrefix: kind,
      points,
      duration: Math.min(windowSeconds, ownWindowSeconds),
    });
    this.#always = counters.forgetful;
  }

  /** Counts one; throws `RATE_LIMITED` when there were too many. */
  take(key: string): Promise<void> {
    return this.#ask(async (limiter) => {
      await limiter.consume(key);
    });
  }

  /** Counts nothing; throws `RATE_LIMITED` when {@link take} would. */
  check(key: string): Promise<void> {
    return this.#ask(async (limiter) => {
      const found = await limiter.get(key);
      if (found !== null && found.consumedPoints >= this.points) {
        throw found;
      }
    });
  }

  /** Takes back what {@link take} has counted. */
  async giveBack(key: string): Promise<void> {
    await Promise.all([takeBack(this.#own, key), unlessAway(takeBack(this.#shared, key))]);
  }

  /** Begins anew. */
  async clear(key: string): Promise<void> {
    await Promise.all([this.#own.delete(key), unlessAway(this.#shared.delete(key))]);
  }

  /** Asks those who count; what they throw of the limiter's own kind is their refusal. */
  async #ask(question: (limiter: RateLimiterMemory | RateLimiterStoreAbstract) => Promise<void>): Promise<void> {
    try {
      if (this.#always) {
        await question(this.#own);
      }
      const away = await question(this.#shared).then(
        () => false,
        (error) => {
          if (error instanceof RateLimiterRes) {
            throw error;
          }
          return true;
        },
      );
      if (away && !this.#always) {
        await question(this.#own);
      }
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        throw rateLimited(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)), this.kind);
      }
      throw refusal;
    }
  }
}

/** Of a window that is over, and by those who were not asked, nothing is counted that could be taken back. */
async function takeBack(limiter: RateLimiterMemory | RateLimiterStoreAbstract, key: string): Promise<void> {
  const { consumedPoints } = await limiter.reward(key, 1);
  if (consumedPoints < 0) {
    await limiter.penalty(key, 1);
  }
}

/** What is not taken back counts on until the window is over, which is on the safe side. */
async function unlessAway(change: Promise<unknown>): Promise<void> {
  await change.catch(() => undefined);
}
