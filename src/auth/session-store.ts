import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { momentExpression, toMoment } from '../database/moment.js';
import { sql, sqlReserved, sqlWithin } from '../database/sql.js';
import { wrongCredentials } from '../errors.js';
import type { Catalogue } from './abilities.js';
import { type AccountRow, accountColumns, toPrincipalUser } from './account-row.js';
import { type ApiStateRow, apiStateColumns, toApiState } from './api-state.js';
import { type AuditSource, change, passwordSource, record, userAgentOf } from './audit.js';
import type { Authenticated, RequestFacts, Strategy } from './authenticate.js';
import { sharedLookUp } from './look-up.js';
import { type Principal, type PrincipalUser, sessionPrincipal } from './principal.js';
import { sessionId } from './session-id.js';
import { hashSecret } from './token-text.js';
import type { UsageRecorder } from './usage.js';

/** Milliseconds. */
export interface SessionLimits {
  idleMs: number;
  lifetimeMs: number;
}

type Row = ApiStateRow &
  AccountRow & { session_id: string; secret_hash: string; expires_at: number; last_active_at: number };

const statement = `select ${apiStateColumns}, ${accountColumns}, t.id as session_id, t.secret_hash,
  ${momentExpression('t.expires_at')} as expires_at,
  ${momentExpression('t.last_active_at')} as last_active_at
from sessions t
join users u on u.id = t.user_id
join api_settings s on s.id = 1
where t.secret_hash = any($1::text[])`;

const insertion = `insert into sessions (id, created_at, user_id, secret_hash, last_active_at, expires_at, ip, user_agent)
select $1::uuid, $2::timestamptz, u.id, $4, $2::timestamptz, $5::timestamptz, $6, $7 from users u
where u.id = $3::uuid and u.disabled_at is null and ($8::text is null or u.password_hash = $8)
for share`;

/** What a session begins with, besides its account. */
export interface BeginOptions {
  /** Who begins it; without it, whoever has typed the password. */
  readonly by?: AuditSource;
  /** The hash that a password was checked against. */
  readonly checkedHash?: string | null;
  /** The session that it takes the place of, which ends. */
  readonly replaces?: string | null;
  /** A change that is made with it, before it, or not at all. */
  first?(unit: EntityManager): Promise<void>;
}

/** The rows behind the session cookies. The cookie holds 256 random bits, the row only their SHA-256. */
export class SessionStore {
  private readonly find = sharedLookUp(async (hashes) => {
    const { rows } = await sqlReserved<Row>(this.em, statement, [hashes]);
    const byHash = new Map(rows.map((row) => [row.secret_hash, row]));
    return (hash) => byHash.get(hash);
  });

  constructor(
    private readonly em: EntityManager,
    private readonly catalogue: Catalogue,
    private readonly usage: UsageRecorder,
    private readonly limits: SessionLimits,
  ) {}

  /** A cookie that no row answers to is nobody's, not an error: browsers keep cookies of sessions that have ended. */
  readonly strategy: Strategy = async (request, now): Promise<Authenticated | null> => {
    if (request.sessionSecret === null) {
      return null;
    }
    const row = await this.find(hashSecret(request.sessionSecret));
    const user = row === undefined ? null : toPrincipalUser(row);
    if (row === undefined || user === null || !this.#isAlive(row, now)) {
      return null;
    }
    this.usage.session(row.session_id, toMoment(row.last_active_at), { at: now, ip: request.ip });
    return { principal: this.#principal(user, row.session_id), api: toApiState(row) };
  };

  /**
   * Starts a session; `secret` goes into the cookie and nowhere else. Throws `UNAUTHENTICATED` for an account that has
   * gone, and when the password that the login was checked against is the account's no longer: it comes too late.
   */
  async begin(
    user: PrincipalUser,
    request: RequestFacts,
    now: Date,
    { by = passwordSource(request, user.id), checkedHash = null, replaces = null, first }: BeginOptions = {},
  ): Promise<{ principal: Principal; secret: string }> {
    const id = v7();
    const secret = randomBytes(32).toString('base64url');
    await this.em.fork().transactional(async (unit) => {
      await first?.(unit);
      const { affected } = await sqlWithin(unit, insertion, [
        id,
        now.toISOString(),
        user.id,
        hashSecret(secret),
        new Date(now.getTime() + this.limits.lifetimeMs).toISOString(),
        request.ip,
        userAgentOf(request),
        checkedHash,
      ]);
      if (affected === 0) {
        throw wrongCredentials('wrong_password');
      }
      const [ended] = replaces === null ? [] : await this.#delete(unit, replaces);
      record(unit, by, {
        action: 'session.begin',
        subject: { type: 'SESSION', id, ownerId: user.id },
        changes: change('replaces', ended === undefined ? null : sessionId.encode(replaces ?? ''), null),
      });
      // Of another account, it would be told to the wrong one only.
      if (ended !== undefined && ended.user_id !== user.id) {
        record(unit, by, { action: 'session.end', subject: { type: 'SESSION', id: replaces, ownerId: ended.user_id } });
      }
    });
    return { principal: this.#principal(user, id), secret };
  }

  /** Ends a session; false when there is none any more, or none of that owner. */
  async end(id: string, by: AuditSource, ownerId: string | null = null): Promise<boolean> {
    return this.em.fork().transactional(async (unit) => {
      const [ended] = await this.#delete(unit, id, ownerId);
      if (ended !== undefined) {
        record(unit, by, {
          action: 'session.end',
          subject: { type: 'SESSION', id, ownerId: ended.user_id },
        });
      }
      return ended !== undefined;
    });
  }

  /** Ends every session of a user, but the one named; returns how many were alive. */
  async endOthers(userId: string, keep: string | null, by: AuditSource): Promise<number> {
    return this.em.fork().transactional(async (unit) => {
      const ended = await this.deleteOthers(unit, userId, keep);
      if (ended > 0) {
        record(unit, by, {
          action: 'session.end_others',
          subject: { type: 'USER', id: userId, ownerId: userId },
          changes: change('endedSessions', null, ended),
        });
      }
      return ended;
    });
  }

  /** Deletes every session of a user, but the one named, as a part of another change; returns how many were alive. */
  async deleteOthers(unit: EntityManager, userId: string, keep: string | null): Promise<number> {
    const now = new Date();
    const { rows } = await sqlWithin<{ ended: number }>(
      unit,
      `with ended as (
         delete from sessions where user_id = $1 and id is distinct from $2 returning expires_at, last_active_at
       )
       select count(*)::int as ended from ended where expires_at > $3 and last_active_at > $4`,
      [userId, keep, now.toISOString(), new Date(now.getTime() - this.limits.idleMs).toISOString()],
    );
    return rows[0]?.ended ?? 0;
  }

  /** The condition on `sessions` under which a row is alive. */
  alive(now: Date): { expiresAt: { $gt: Date }; lastActiveAt: { $gt: Date } } {
    return { expiresAt: { $gt: now }, lastActiveAt: { $gt: new Date(now.getTime() - this.limits.idleMs) } };
  }

  /** Deletes the rows of sessions that are over; returns how many. */
  async prune(now: Date): Promise<number> {
    const { affected } = await sql(this.em, 'delete from sessions where expires_at <= $1 or last_active_at <= $2', [
      now.toISOString(),
      new Date(now.getTime() - this.limits.idleMs).toISOString(),
    ]);
    return affected;
  }

  async #delete(unit: EntityManager, id: string, ownerId: string | null = null): Promise<{ user_id: string }[]> {
    const { rows } = await sqlWithin<{ user_id: string }>(
      unit,
      'delete from sessions where id = $1 and ($2::uuid is null or user_id = $2) returning user_id',
      [id, ownerId],
    );
    return rows;
  }

  #isAlive(row: Row, now: Date): boolean {
    const idleSince = toMoment(row.last_active_at).getTime();
    return toMoment(row.expires_at) > now && idleSince > now.getTime() - this.limits.idleMs;
  }

  #principal(user: PrincipalUser, sessionId: string): Principal {
    return sessionPrincipal(user, sessionId, this.catalogue.holdable(user));
  }
}
