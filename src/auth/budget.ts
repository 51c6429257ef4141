import { performance } from 'node:perf_hooks';
import type { RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import type { Counters } from './counters.js';
import { networkOf } from './network.js';
import type { Principal } from './principal.js';

/** Points a minute; 0 for no limit. */
export interface BudgetLimits {
  /** For all tokens of an account together, and again for all its sessions. */
  perAccount: number;
  /** For all guests of a network together. */
  perGuest: number;
}

/** How a budget stands: points, and seconds until it is whole again. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsIn: number;
}

export const budgetWindowSeconds = 60;
const windowMs = budgetWindowSeconds * 1000;

/** Of a budget, what an instance takes from the store at a time. */
const portions = 20;

/** Budgets that an instance remembers; those of more principals begin anew before their minute is over. */
const mostKnown = 100_000;

/** What principals may spend, across all instances. */
export class Budgets {
  readonly #counter: RateLimiterStoreAbstract;
  readonly #known = new Map<string, Budget>();

  constructor(
    counters: Counters,
    private readonly limits: BudgetLimits,
  ) {
    this.#counter = counters.counter('cost', 1, budgetWindowSeconds);
  }

  /** The budget that a principal spends from; null when there is no limit. */
  of({ user, credential }: Principal, ip: string): Budget | null {
    const limit = user === null ? this.limits.perGuest : this.limits.perAccount;
    if (limit === 0) {
      return null;
    }
    const key = user === null ? `guest:${networkOf(ip)}` : `${isToken(credential) ? 'token' : 'session'}:${user.id}`;
    let budget = this.#known.get(key);
    if (budget === undefined) {
      this.#forget();
      budget = new Budget(key, limit, this.#counter);
      this.#known.set(key, budget);
    }
    return budget;
  }

  /** How many budgets this instance remembers. */
  get size(): number {
    return this.#known.size;
  }

  /** Looks at the two that were looked at longest ago, so that for each one that comes one that is over can go. */
  #forget(): void {
    for (let looked = 0; looked < 2; looked += 1) {
      const [oldest] = this.#known;
      if (oldest === undefined) {
        return;
      }
      const [key, budget] = oldest;
      this.#known.delete(key);
      if (!budget.isOver && this.#known.size < mostKnown) {
        this.#known.set(key, budget);
      }
    }
  }
}

/** A session that runs as a token is still the person at the console. */
function isToken({ kind, narrowed }: Principal['credential']): boolean {
  return kind === 'TOKEN' && narrowed === undefined;
}

/**
 * What one principal may spend in a minute. The instance spends from a lease of its own and asks the store for the next
 * portion when that is used up. Each addition to the store's counter owns the points that it moved over; those below the
 * limit are granted. So all instances together grant no more than the limit, but for the first portion of each minute:
 * that is given before the store is asked, and counted with the first lease.
 */
export class Budget {
  readonly #portion: number;
  /** When this minute is over, on the clock that nobody sets. */
  #endsAt = 0;
  /** What this instance may give out in this minute. */
  #granted = 0;
  #spent = 0;
  /** Of what is granted, what the store has not counted yet. */
  #owed = 0;
  /** Granted by all instances, as far as known here. */
  #counted = 0;
  /** There is nothing more to lease in this minute. */
  #exhausted = false;
  #lease: Promise<void> | null = null;

  constructor(
    private readonly key: string,
    readonly limit: number,
    private readonly counter: RateLimiterStoreAbstract,
  ) {
    this.#portion = Math.ceil(limit / portions);
  }

  get isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Takes points, all that a minute has at most; false when they are not there, and nothing is taken. */
  spend(points: number): boolean | Promise<boolean> {
    this.#renew();
    const wanted = Math.min(points, this.limit);
    if (this.#granted - this.#spent >= wanted) {
      this.#spent += wanted;
      return true;
    }
    return this.#exhausted ? false : this.#spendLeased(wanted);
  }

  standing(): Standing {
    this.#renew();
    const leased = Math.max(0, this.#granted - this.#spent);
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - this.#counted) + leased,
      resetsIn: Math.ceil((this.#endsAt - performance.now()) / 1000),
    };
  }

  async #spendLeased(wanted: number): Promise<boolean> {
    this.#lease ??= this.#extend(wanted).finally(() => {
      this.#lease = null;
    });
    await this.#lease;
    return this.spend(wanted);
  }

  #renew(): void {
    const now = performance.now();
    if (now < this.#endsAt) {
      return;
    }
    this.#endsAt = now + windowMs;
    this.#granted = this.#portion;
    this.#owed = this.#portion;
    this.#counted = this.#portion;
    this.#spent = 0;
    this.#exhausted = false;
  }

  async #extend(wanted: number): Promise<void> {
    const minute = this.#endsAt;
    const asked = this.#owed + Math.max(this.#portion, wanted - (this.#granted - this.#spent));
    const answer = await this.#count(asked);
    if (this.#endsAt !== minute) {
      return;
    }
    const counted = answer?.counted ?? this.#counted - this.#owed + asked;
    const own = Math.min(asked, Math.max(0, this.limit - (counted - asked)));
    this.#granted = Math.min(this.limit, this.#granted - this.#owed + own);
    this.#exhausted = own < asked || this.#granted === this.limit;
    this.#counted = Math.max(counted, this.#granted);
    this.#owed = answer === null ? asked : 0;
    this.#endsAt = answer?.endsAt ?? minute;
  }

  /** Adds to the store's counter; null when the store is away, and this instance counts for itself. */
  async #count(points: number): Promise<{ counted: number; endsAt: number } | null> {
    const seconds = Math.max(1, Math.ceil((this.#endsAt - performance.now()) / 1000));
    try {
      const { consumedPoints, msBeforeNext } = await this.counter.penalty(this.key, points, {
        customDuration: seconds,
      });
      return { counted: consumedPoints, endsAt: performance.now() + Math.min(windowMs, Math.max(0, msBeforeNext)) };
    } catch {
      return null;
    }
  }
}
