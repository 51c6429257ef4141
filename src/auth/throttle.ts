import { createHash } from 'node:crypto';
import type { Counters } from './counters.js';
import { Limit } from './limit.js';
import { networkOf } from './network.js';

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

const minute = 60;
const hour = 3_600;

/** So many minutes full of wrong passwords an hour has for one account from one network. */
const fullMinutesPerHour = 4;

/**
 * Counts failed passwords by account, by network and by both, across all instances. Whoever goes on guessing at one account
 * from one network waits up to an hour, and is no longer counted for the account: its owner, elsewhere, waits a minute.
 */
export class Throttle {
  readonly #accounts: Limit;
  readonly #pairs: Limit;
  readonly #addresses: Limit;
  readonly #registrations: Limit;

  constructor(counters: Counters, { perAccount, perAddress, registrationsPerAddress }: ThrottleLimits) {
    this.#accounts = new Limit(counters, 'login_account', perAccount, minute);
    this.#pairs = new Limit(counters, 'login_pair', perAccount * fullMinutesPerHour, hour);
    this.#addresses = new Limit(counters, 'login_address', perAddress, minute);
    this.#registrations = new Limit(counters, 'register_address', registrationsPerAddress, minute);
  }

  /** Counts one try before the password is looked at; throws `RATE_LIMITED` when there were too many. */
  async attempt(attempt: Attempt): Promise<void> {
    const { address, account, pair } = keysOf(attempt);
    await this.#addresses.take(address);
    // Counted only with the account: who merely does not wait out a minute does not wait for an hour.
    await this.#pairs.check(pair);
    await this.#accounts.take(account);
    await this.#pairs.take(pair);
  }

  /** A right password clears its account's count and takes its own try back from the address. */
  async succeeded(attempt: Attempt): Promise<void> {
    const { address, account, pair } = keysOf(attempt);
    await Promise.all([this.#accounts.clear(account), this.#pairs.clear(pair), this.#addresses.giveBack(address)]);
  }

  async registration(ip: string): Promise<void> {
    await this.#registrations.take(networkOf(ip));
  }
}

/** Accounts by digest, so that the table of counters is no list of e-mail addresses. */
function keysOf({ email, ip }: Attempt): { address: string; account: string; pair: string } {
  const address = networkOf(ip);
  const account = createHash('sha256').update(email).digest('base64url');
  return { address, account, pair: `${account} ${address}` };
}
