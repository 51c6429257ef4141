import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { rateLimited } from '../errors.js';

/** Argon2id with the minimum that OWASP's Password Storage Cheat Sheet names: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * Each hash keeps 19 MiB and one of libuv's four threads busy, so only a few run at once and a flood is turned away. The
 * fourth thread is for files and names, which would wait for the hashes otherwise.
 */
const concurrency = 3;
const queueLimit = 100;

/** Hashes and checks passwords, with equal work for accounts that do not exist. */
export class Passwords {
  readonly #limit = pLimit(concurrency);
  readonly #decoy = hash('a password that belongs to nobody', parameters);

  /** `onUnreadable` is told of stored hashes that cannot be read. */
  constructor(private readonly onUnreadable: (error: unknown) => void = () => {}) {}

  /** Throws `RATE_LIMITED` while a hash would be turned away, for callers that count tries: such a try is none. */
  admit(): void {
    if (this.#limit.pendingCount >= queueLimit) {
      throw rateLimited(1, 'password_queue');
    }
  }

  async hash(password: string): Promise<string> {
    return this.#queued(() => hash(prepared(password), parameters));
  }

  /** False for a wrong password, for an unknown account (`stored` is null) and for a hash that cannot be read. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    const target = stored ?? (await this.#decoy);
    const matches = await this.#queued(() => verify(target, prepared(password)).catch(this.onUnreadable));
    return matches === true && stored !== null;
  }

  /** How many hashes are being computed, and how many wait for their turn. */
  get queue(): { readonly running: number; readonly waiting: number } {
    return { running: this.#limit.activeCount, waiting: this.#limit.pendingCount };
  }

  /** Whether a hash was made with other parameters than today's. */
  needsRehash(stored: string): boolean {
    return !stored.includes(`m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}`);
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    this.admit();
    return this.#limit(work);
  }
}

/** The same characters typed on another keyboard give the same password, as NIST SP 800-63B section 5.1.1.2 advises. */
export function prepared(password: string): string {
  return password.normalize('NFKC');
}
