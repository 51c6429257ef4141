import type { EntityManager } from '@mikro-orm/postgresql';
import { momentExpression, toMoment } from '../database/moment.js';
import { sqlReserved } from '../database/sql.js';
import { apiDisabled, unauthenticated } from '../errors.js';
import type { Catalogue } from './abilities.js';
import { type AccountRow, accountColumns, toPrincipalUser } from './account-row.js';
import { type ApiState, type ApiStateRow, apiStateColumns, toApiState } from './api-state.js';
import type { Authenticated, RequestFacts, Strategy } from './authenticate.js';
import { type Grant, type GrantRow, grantColumns, toGrant } from './grant-row.js';
import { sharedLookUp } from './look-up.js';
import { type PrincipalUser, tokenPrincipal } from './principal.js';
import { hashSecret, parseToken, sameHash } from './token-text.js';
import type { UsageRecorder } from './usage.js';

type Row = ApiStateRow &
  AccountRow &
  GrantRow & {
    token_id: string | null;
    secret_hash: string;
    last_used_at: number | null;
  };

/**
 * Tokens, owners and settings in one statement, so that a revocation holds from the next request on. The hash narrows it
 * down already, so that a known id with a wrong secret has as little read and sent as an unknown id.
 */
const statement = `select ${apiStateColumns}, ${accountColumns}, ${grantColumns}, t.id as token_id, t.secret_hash,
  ${momentExpression('t.last_used_at')} as last_used_at
from api_settings s
left join api_tokens t on t.id = any($1::uuid[]) and t.secret_hash = any($2::text[])
left join users u on u.id = t.user_id
where s.id = 1`;

/** SHA-256 in hexadecimal. */
const hashLength = 64;

/** A token of an enabled owner. */
interface LiveToken {
  readonly owner: PrincipalUser;
  readonly secretHash: string;
  readonly grant: Grant;
  readonly lastUsedAt: Date | null;
}

/** `Authorization: Bearer <token>`, RFC 6750 section 2.1; the other places of that RFC are refused on purpose. */
export function bearerStrategy(
  em: EntityManager,
  catalogue: Catalogue,
  usage: UsageRecorder,
  prefix: string,
): Strategy {
  const find = sharedLookUp(async (keys) => {
    const ids = keys.map((key) => key.slice(hashLength));
    const hashes = keys.map((key) => key.slice(0, hashLength));
    const { rows } = await sqlReserved<Row>(em, statement, [ids, hashes]);
    const [first] = rows;
    if (first === undefined) {
      throw new Error('The row of api_settings is gone.');
    }
    const api = toApiState(first);
    const live = new Map(rows.map((row) => [row.token_id, toLiveToken(row, api, catalogue)]));
    return (key) => ({ api, token: live.get(key.slice(hashLength)) ?? null });
  });
  return async (request: RequestFacts, now: Date): Promise<Authenticated | null> => {
    if (request.authorization.length === 0 && !request.strayToken) {
      return null;
    }
    const text = request.strayToken ? null : bearerText(request.authorization);
    const given = text === null ? null : parseToken(prefix, text);
    if (given === null) {
      throw unauthenticated(request.strayToken ? 'misplaced_token' : 'malformed_token');
    }
    const hash = hashSecret(given.secret);
    const { api, token } = await find(hash + given.id);
    if (!api.enabled) {
      throw apiDisabled();
    }
    // The row may be there because its right secret came with another request of the same statement.
    const known = sameHash(hash, token?.secretHash ?? '0'.repeat(hashLength));
    if (token === null || !known) {
      throw unauthenticated('unknown_token');
    }
    const { granted, effective, expiry } = token.grant;
    if (expiry !== null && expiry <= now) {
      throw unauthenticated('expired_token');
    }
    usage.token(given.id, token.lastUsedAt, { at: now, ip: request.ip });
    return { principal: tokenPrincipal(token.owner, given.id, granted, effective, expiry), api };
  };
}

function toLiveToken(row: Row, api: ApiState, catalogue: Catalogue): LiveToken | null {
  const owner = toPrincipalUser(row);
  if (owner === null) {
    return null;
  }
  return {
    owner,
    secretHash: row.secret_hash,
    grant: toGrant(row, owner, api, catalogue),
    lastUsedAt: row.last_used_at === null ? null : toMoment(row.last_used_at),
  };
}

/** The scheme's name is case-insensitive (RFC 9110 section 11.1); anything but one well-formed header is no credential. */
function bearerText(headers: readonly string[]): string | null {
  const match = headers.length === 1 ? /^bearer +([!-~]+)$/i.exec(headers[0] ?? '') : null;
  return match?.[1] ?? null;
}
