import type { ApiState } from './api-state.js';
import { guest, type Principal } from './principal.js';

/** What the HTTP layer read off a request; nothing behind it sees headers. */
export interface RequestFacts {
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string | null;
  /** Every `Authorization` header of the request, as sent. */
  readonly authorization: readonly string[];
  /** Value of the session cookie. */
  readonly sessionSecret: string | null;
  /** Every `X-Run-As` header of the request, as sent. */
  readonly runAs: readonly string[];
  /** A token was put where none is accepted: in the query string or in a cookie. */
  readonly strayToken: boolean;
  /** The browser, or the `Origin` on the allow-list, vouches that the request comes from a page of ours. */
  readonly trustedOrigin: boolean;
}

export interface Authenticated {
  readonly principal: Principal;
  /** Read by the same statement as the credential; null when no credential was presented. */
  readonly api: ApiState | null;
}

/** Null: not mine. A value: this principal. A throw: mine, but bad. */
export type Strategy = (request: RequestFacts, now: Date) => Promise<Authenticated | null>;

/**
 * The first strategy that knows the credential decides. A bearer comes before a cookie, and a bad bearer throws, so it
 * never falls back to the session.
 */
export async function authenticate(
  strategies: readonly Strategy[],
  request: RequestFacts,
  now: Date,
): Promise<Authenticated> {
  for (const strategy of strategies) {
    const authenticated = await strategy(request, now);
    if (authenticated !== null) {
      return authenticated;
    }
  }
  return { principal: guest, api: null };
}
