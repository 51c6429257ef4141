import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterStoreAbstract,
} from 'rate-limiter-flexible';
import { sql } from '../database/sql.js';
import { rateLimited } from '../errors.js';
import type { RateLimit } from '../telemetry/reasons.js';

/** How many attempts a minute. */
export interface ThrottleLimits {
  perAccount: number;
  perAddress: number;
  registrationsPerAddress: number;
}

/** The two things that guessing passwords is counted by. */
export interface Attempt {
  email: string;
  ip: string;
}

const windowSeconds = 60;

/**
 * Counts failed passwords by account and by network address, across all instances: in Redis where there is one, else in
 * PostgreSQL. When the store is away, each instance counts in its own memory, so the limit never falls open.
 */
export class Throttle {
  readonly #accounts: RateLimiterStoreAbstract;
  readonly #addresses: RateLimiterStoreAbstract;
  readonly #registrations: RateLimiterStoreAbstract;
  readonly #redis: Redis | undefined;

  constructor(
    private readonly em: EntityManager,
    limits: ThrottleLimits,
    redisUrl: string | undefined,
    onRedisError: (error: unknown) => void,
  ) {
    if (redisUrl !== undefined) {
      this.#redis = new Redis(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
      this.#redis.on('error', onRedisError);
    }
    this.#accounts = this.#limiter('login-account', limits.perAccount);
    this.#addresses = this.#limiter('login-address', limits.perAddress);
    this.#registrations = this.#limiter('register-address', limits.registrationsPerAddress);
  }

  /** Counts one try before the password is looked at; throws `RATE_LIMITED` when there were too many. */
  async attempt({ email, ip }: Attempt): Promise<void> {
    await consume(this.#addresses, ip, 'login_address');
    await consume(this.#accounts, accountKey(email), 'login_account');
  }

  /** A right password clears its account's count and takes its own try back from the address. */
  async succeeded({ email, ip }: Attempt): Promise<void> {
    await Promise.all([this.#accounts.delete(accountKey(email)), this.#addresses.reward(ip, 1)]);
  }

  async registration(ip: string): Promise<void> {
    await consume(this.#registrations, ip, 'register_address');
  }

  /** Removes counters whose window is over; Redis does that by itself. */
  async prune(now: number): Promise<void> {
    if (this.#redis === undefined) {
      await sql(this.em, 'delete from rate_limits where expire < $1', [now]);
    }
  }

  close(): void {
    this.#redis?.disconnect();
  }

  #limiter(keyPrefix: string, points: number): RateLimiterStoreAbstract {
    const options = {
      keyPrefix,
      points,
      duration: windowSeconds,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: windowSeconds }),
    };
    if (this.#redis !== undefined) {
      return new RateLimiterRedis({ ...options, storeClient: this.#redis });
    }
    return new RateLimiterPostgres({
      ...options,
      storeClient: this.#store(),
      storeType: 'client',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
    });
  }

  /** The one method of a `pg` client that the limiter calls, over the connection that there is. */
  #store() {
    return {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const { rows, affected } = await sql<Record<string, unknown>>(this.em, text, values);
        return { rows, rowCount: rows.length > 0 ? rows.length : affected };
      },
    };
  }
}

async function consume(limiter: RateLimiterStoreAbstract, key: string, limit: RateLimit): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) {
      throw rateLimited(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)), limit);
    }
    throw refusal;
  }
}

/** A digest, so that the table of counters is no list of e-mail addresses. */
function accountKey(email: string): string {
  return createHash('sha256').update(email).digest('base64url');
}
