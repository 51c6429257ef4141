import type { EntityManager } from '@mikro-orm/postgresql';
import { Redis } from 'ioredis';
import { RateLimiterPostgres, RateLimiterRedis, type RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import { sql } from '../database/sql.js';

/** A Redis that does not answer within this time counts as away. */
const patienceMs = 500;

/** No window is longer than an hour, and clocks differ by less than another one; what ends later has a wrong clock made. */
const farthestMs = 7_200_000;

/** Where instances count together: in Redis where there is one, else in PostgreSQL. */
export class Counters {
  readonly #redis: Redis | undefined;

  constructor(
    private readonly em: EntityManager,
    redisUrl: string | undefined,
    onRedisError: (error: unknown) => void,
  ) {
    if (redisUrl !== undefined) {
      this.#redis = new Redis(redisUrl, {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        autoResendUnfulfilledCommands: false,
        connectTimeout: 2_000,
        commandTimeout: patienceMs,
        socketTimeout: patienceMs,
      });
      this.#redis.on('error', onRedisError);
    }
  }

  /** Whether the store may lose its counts while everything else goes on. */
  get forgetful(): boolean {
    return this.#redis !== undefined;
  }

  /** A counter for each key, beginning anew when its window is over. It rejects with the store's own error. */
  counter(name: string, points: number, windowSeconds: number): RateLimiterStoreAbstract {
    const options = { keyPrefix: name, points, duration: windowSeconds };
    if (this.#redis !== undefined) {
      return new RateLimiterRedis({ ...options, storeClient: this.#redis });
    }
    return new RateLimiterPostgres({
      ...options,
      storeClient: this.#table(),
      storeType: 'client',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
    });
  }

  /** Removes counters whose window is over, or would not be for too long; Redis does that by itself. */
  async prune(now: number): Promise<void> {
    if (this.#redis === undefined) {
      await sql(this.em, 'delete from rate_limits where expire < $1 or expire > $2', [now, now + farthestMs]);
    }
  }

  close(): void {
    this.#redis?.disconnect();
  }

  /** The one method of a `pg` client that the limiter calls, over the connection that there is. */
  #table() {
    return {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const { rows, affected } = await sql<Record<string, unknown>>(this.em, text, values);
        return { rows, rowCount: rows.length > 0 ? rows.length : affected };
      },
    };
  }
}
