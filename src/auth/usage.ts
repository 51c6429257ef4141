import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { requestScope } from '../telemetry/request-scope.js';

const gapMs = 60_000;
const delayMs = 250;

interface Use {
  at: Date;
  ip: string;
}

/** Where the last use is written, and how long the one before it must be ago. */
interface Columns {
  readonly table: string;
  readonly at: string;
  readonly ip: string;
  readonly gap: number;
}

/**
 * Writes down when a credential was last used: in batches, at most once a minute for each, a session that may be idle for
 * few minutes ten times in that span, and outside the request, so that a failed write fails nothing.
 */
export class UsageRecorder {
  readonly #tokens = new Map<string, Use>();
  readonly #sessions = new Map<string, Use>();
  readonly #sessionGapMs: number;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly em: EntityManager,
    private readonly onError: (error: unknown) => void,
    sessionIdleMs = Number.POSITIVE_INFINITY,
  ) {
    // Often enough that a session in use does not count as idle.
    this.#sessionGapMs = Math.min(gapMs, sessionIdleMs / 10);
  }

  token(id: string, lastUsedAt: Date | null, use: Use): void {
    this.#note(this.#tokens, id, lastUsedAt, use, gapMs);
  }

  session(id: string, lastActiveAt: Date, use: Use): void {
    this.#note(this.#sessions, id, lastActiveAt, use, this.#sessionGapMs);
  }

  /** Writes what is pending; called by the timer, before token lists are read, and at the end of the process. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#write(this.#tokens, { table: 'api_tokens', at: 'last_used_at', ip: 'last_used_ip', gap: gapMs });
        await this.#write(this.#sessions, {
          table: 'sessions',
          at: 'last_active_at',
          ip: 'ip',
          gap: this.#sessionGapMs,
        });
      } catch (error) {
        this.onError(error);
      }
    });
    return this.#writing;
  }

  #note(uses: Map<string, Use>, id: string, last: Date | null, use: Use, gap: number): void {
    if (last !== null && use.at.getTime() - last.getTime() < gap) {
      return;
    }
    uses.set(id, use);
    // For many requests, so it is nothing of the one that happens to be first.
    this.#timer ??= requestScope.exit(() => setTimeout(() => void this.flush(), delayMs).unref());
  }

  async #write(uses: Map<string, Use>, { table, at, ip, gap }: Columns): Promise<void> {
    if (uses.size === 0) {
      return;
    }
    const batch = [...uses];
    uses.clear();
    // A row that someone else holds is left to its next use: waiting would lose the uses of all others, or block its holder.
    // The gap is asked for again, because requests under way at once read the row before any of them was written down.
    await sql(
      this.em,
      `update ${table} t set ${at} = v.at, ${ip} = v.ip
       from (select * from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as u(id, at, ip)) v
       where t.id = v.id and t.id in (select id from ${table} where id = any($1) for no key update skip locked)
         and (t.${at} is null or t.${at} <= v.at - interval '${gap} milliseconds')`,
      [batch.map(([id]) => id), batch.map(([, use]) => use.at.toISOString()), batch.map(([, use]) => use.ip)],
    );
  }
}
