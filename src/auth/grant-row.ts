import { momentExpression, toMoment } from '../database/moment.js';
import type { Catalogue } from './abilities.js';
import { type ApiState, effectiveExpiry } from './api-state.js';
import type { PrincipalUser } from './principal.js';

/** What a token allows today, and until when. */
export interface Grant {
  readonly granted: readonly string[];
  readonly effective: ReadonlySet<string>;
  /** Null when it does not end. */
  readonly expiry: Date | null;
}

/** The columns of a {@link Grant}, for statements that read `api_tokens t`. */
export const grantColumns = `array_to_json(t.abilities)::text as abilities,
  ${momentExpression('t.created_at')} as token_created_at,
  ${momentExpression('t.expires_at')} as expires_at`;

export interface GrantRow {
  abilities: string;
  token_created_at: number;
  expires_at: number | null;
}

/** By the settings and for the owner of this request. */
export function toGrant(row: GrantRow, owner: PrincipalUser, api: ApiState, catalogue: Catalogue): Grant {
  const granted = JSON.parse(row.abilities) as string[];
  const expiresAt = row.expires_at === null ? null : toMoment(row.expires_at);
  return {
    granted,
    effective: catalogue.effective(granted, owner),
    expiry: effectiveExpiry(toMoment(row.token_created_at), expiresAt, api),
  };
}
