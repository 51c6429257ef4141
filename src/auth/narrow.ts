import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';
import { apiDisabled, badUserInput, notFound, sessionRequired, unauthenticated } from '../errors.js';
import type { Catalogue } from './abilities.js';
import { apiTokenId } from './api-token-id.js';
import type { Authenticated } from './authenticate.js';
import { type GrantRow, grantColumns, toGrant } from './grant-row.js';
import { narrowedPrincipal } from './principal.js';

/** What a session wants to run as: a token with these abilities, or one of its user's own tokens. */
type Wish = { readonly abilities: readonly string[] } | { readonly tokenId: string };

const statement = `select ${grantColumns} from api_tokens t where t.id = $1 and t.user_id = $2`;

/**
 * Narrows the session of one request to what a token could do, as its `X-Run-As` headers ask: `abilities=post:read,read`
 * or `token=<id>`. What a token would be refused for is refused alike, by `API_DISABLED` and `UNAUTHENTICATED`. Throws
 * `SESSION_REQUIRED` for a bearer, `BAD_USER_INPUT` for a header that says neither, and `NOT_FOUND` for a token that is
 * not the user's own.
 */
export async function narrow(
  em: EntityManager,
  catalogue: Catalogue,
  { principal, api }: Authenticated,
  headers: readonly string[],
  now: Date,
): Promise<Authenticated> {
  const { user } = principal;
  if (user === null) {
    throw unauthenticated();
  }
  if (principal.kind !== 'SESSION' || api === null) {
    throw sessionRequired();
  }
  const sessionId = principal.credential.id;
  const wish = readWish(headers, catalogue);
  if (!api.enabled) {
    throw apiDisabled();
  }
  if ('abilities' in wish) {
    const effective = catalogue.effective(wish.abilities, user);
    return { principal: narrowedPrincipal(user, null, wish.abilities, effective, null, sessionId), api };
  }
  const { rows } = await sql<GrantRow>(em, statement, [wish.tokenId, user.id]);
  const [row] = rows;
  if (row === undefined) {
    throw notFound();
  }
  const { granted, effective, expiry } = toGrant(row, user, api, catalogue);
  if (expiry !== null && expiry <= now) {
    throw unauthenticated('expired_token');
  }
  return { principal: narrowedPrincipal(user, wish.tokenId, granted, effective, expiry, sessionId), api };
}

function readWish(headers: readonly string[], catalogue: Catalogue): Wish {
  const [, kind, value = ''] = (headers.length === 1 ? /^(abilities|token)=(.*)$/.exec(headers[0] ?? '') : null) ?? [];
  if (kind === 'token') {
    const tokenId = apiTokenId.decode(value);
    if (tokenId === null) {
      throw refused(['must name the id of a token.']);
    }
    return { tokenId };
  }
  if (kind === undefined) {
    throw refused(['must be sent once, as `abilities=` with a list, or as `token=` with an id.']);
  }
  const names = value === '' ? [] : value.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => catalogue.get(name) === undefined);
  if (unknown.length > 0) {
    throw refused([...new Set(unknown)].map((name) => `${JSON.stringify(name.slice(0, 64))} is not an ability.`));
  }
  return { abilities: [...new Set(names)] };
}

function refused(problems: string[]) {
  return badUserInput({ 'X-Run-As': problems });
}
