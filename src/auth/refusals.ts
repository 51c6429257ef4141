import { performance } from 'node:perf_hooks';
import type { RequiredEntityData } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type AuditRefusal, type AuditSource, dated, refusalOf } from './audit.js';
import { AuditEvent } from './audit-event.entity.js';

const delayMs = 250;
const windowMs = 60_000;
const hourMs = 3_600_000;
/** Events with an address of their own that an instance writes in an hour; a flood from many addresses fills no disk. */
const distinctPerHour = 600;

type Row = RequiredEntityData<AuditEvent>;

interface Kept {
  readonly row: Row;
  /** Attempts that no row tells of yet. */
  untold: number;
}

/**
 * Writes down refused attempts: outside the request, so that a failed write fails nothing, and bounded, so that whoever
 * is refused cannot fill the disk. The first attempt of a minute is written by itself; those that follow alike, from the
 * same address at the same account, are one event with their number when the minute is over. Beyond the limit of an hour
 * an event tells what was refused and how often, and no longer from where.
 */
export class RefusalRecorder {
  readonly #kept = new Map<string, Kept>();
  #due: Row[] = [];
  #left = distinctPerHour;
  /** On the clock that nobody sets. */
  #hourEnd = 0;
  #soon: NodeJS.Timeout | undefined;
  #windowEnd: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly em: EntityManager,
    private readonly onError: (error: unknown) => void,
  ) {}

  note(source: AuditSource, refusal: AuditRefusal): void {
    const { action, code, subject } = refusal;
    this.#windowEnd ??= setTimeout(() => void this.#endWindow(), windowMs).unref();
    const key = [action, code, source.ip, source.actorId, subject?.id].join(' ');
    const known = this.#kept.get(key);
    if (known !== undefined) {
      known.untold += 1;
      return;
    }
    if (this.#spend()) {
      const row = refusalOf(source, refusal);
      this.#kept.set(key, { row, untold: 0 });
      this.#due.push(row);
      this.#soon ??= setTimeout(() => void this.flush(), delayMs).unref();
      return;
    }
    const crowd = this.#kept.get(`${action} ${code}`);
    if (crowd !== undefined) {
      crowd.untold += 1;
      return;
    }
    const anyone = { ...source, actorId: null, credential: null, ip: null, userAgent: null, requestId: null };
    this.#kept.set(`${action} ${code}`, { row: refusalOf(anyone, { action, code, subject: null }), untold: 1 });
  }

  /** Writes what is pending; called by the timer and before events are read. */
  flush(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#writing = this.#writing.then(async () => {
      const rows = this.#due;
      this.#due = [];
      try {
        if (rows.length > 0) {
          await this.em.fork().insertMany(AuditEvent, rows);
        }
      } catch (error) {
        this.onError(error);
      }
    });
    return this.#writing;
  }

  /** Writes everything, the attempts of the minute that is under way included; called at the end of the process. */
  close(): Promise<void> {
    return this.#endWindow();
  }

  #endWindow(): Promise<void> {
    clearTimeout(this.#windowEnd);
    this.#windowEnd = undefined;
    for (const { row, untold } of this.#kept.values()) {
      if (untold > 0) {
        this.#due.push({ ...row, ...dated(), requestId: null, attempts: untold });
      }
    }
    this.#kept.clear();
    return this.flush();
  }

  #spend(): boolean {
    const now = performance.now();
    if (now >= this.#hourEnd) {
      this.#hourEnd = now + hourMs;
      this.#left = distinctPerHour;
    }
    this.#left -= 1;
    return this.#left >= 0;
  }
}
