import { apiTokenId } from '../auth/api-token-id.js';
import type { Credential } from '../auth/principal.js';

/** The console's form for a new token, filled in: `/tokens/new?name=Posts&abilities=post:read,user:read`. */
export function createTokenPath(name: string, abilities: readonly string[]): string {
  return `/tokens/new?name=${encodeURIComponent(name)}&abilities=${listed(abilities)}`;
}

/**
 * The console's form for the very token of a credential, with the abilities that it lacks marked:
 * `/tokens/token_...?missing=post:update`. Null for everything but a token that is stored.
 */
export function editTokenPath(
  { kind, id }: Pick<Credential, 'kind' | 'id'>,
  missing: readonly string[],
): string | null {
  return kind === 'TOKEN' && id !== null ? `/tokens/${apiTokenId.encode(id)}?missing=${listed(missing)}` : null;
}

/** A query may hold colons and commas as they are (RFC 3986, section 3.4), and so people can read it. */
function listed(abilities: readonly string[]): string {
  const list = abilities.join(',');
  return /^[a-z:,-]*$/.test(list) ? list : encodeURIComponent(list).replaceAll('%3A', ':').replaceAll('%2C', ',');
}
