import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { apiDisabled, unauthenticated } from '../errors.js';
import type { Catalogue } from './abilities.js';
import { type AccountRow, accountColumns, toPrincipalUser } from './account-row.js';
import { type ApiStateRow, apiStateColumns, effectiveExpiry, toApiState } from './api-state.js';
import type { Authenticated, RequestFacts, Strategy } from './authenticate.js';
import { tokenPrincipal } from './principal.js';
import { hashSecret, parseToken, sameHash } from './token-text.js';
import type { UsageRecorder } from './usage.js';

type Row = ApiStateRow &
  AccountRow & {
    secret_hash: string | null;
    abilities: string;
    token_created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };

/** Token, owner and settings in one statement, so that a revocation holds from the next request on. */
const statement = `select ${apiStateColumns}, ${accountColumns}, t.secret_hash,
  array_to_json(t.abilities)::text as abilities,
  (extract(epoch from t.created_at) * 1000)::float8 as token_created_at,
  (extract(epoch from t.expires_at) * 1000)::float8 as expires_at,
  (extract(epoch from t.last_used_at) * 1000)::float8 as last_used_at
from api_settings s
left join api_tokens t on t.id = $1
left join users u on u.id = t.user_id
where s.id = 1`;

/** `Authorization: Bearer <token>`, RFC 6750 section 2.1; the other places of that RFC are refused on purpose. */
export function bearerStrategy(
  em: EntityManager,
  catalogue: Catalogue,
  usage: UsageRecorder,
  prefix: string,
): Strategy {
  return async (request: RequestFacts, now: Date): Promise<Authenticated | null> => {
    if (request.authorization.length === 0 && !request.strayToken) {
      return null;
    }
    const text = request.strayToken ? null : bearerText(request.authorization);
    const token = text === null ? null : parseToken(prefix, text);
    if (token === null) {
      throw unauthenticated();
    }
    const { rows } = await sql<Row>(em, statement, [token.id]);
    const [row] = rows;
    if (row === undefined) {
      throw new Error('The row of api_settings is gone.');
    }
    const api = toApiState(row);
    if (!api.enabled) {
      throw apiDisabled();
    }
    // The hash is computed for unknown ids too, so that both answers take the same work.
    const known = sameHash(hashSecret(token.secret), row.secret_hash ?? '0'.repeat(64));
    const user = toPrincipalUser(row);
    if (row.secret_hash === null || !known || user === null) {
      throw unauthenticated();
    }
    const expiry = effectiveExpiry(
      new Date(row.token_created_at),
      row.expires_at === null ? null : new Date(row.expires_at),
      api,
    );
    if (expiry !== null && expiry <= now) {
      throw unauthenticated();
    }
    usage.token(token.id, row.last_used_at === null ? null : new Date(row.last_used_at), { at: now, ip: request.ip });
    const granted = JSON.parse(row.abilities) as string[];
    return { principal: tokenPrincipal(user, token.id, granted, catalogue.effective(granted, user), expiry), api };
  };
}

/** The scheme's name is case-insensitive (RFC 9110 section 11.1); anything but one well-formed header is no credential. */
function bearerText(headers: readonly string[]): string | null {
  const match = headers.length === 1 ? /^bearer +([!-~]+)$/i.exec(headers[0] ?? '') : null;
  return match?.[1] ?? null;
}
