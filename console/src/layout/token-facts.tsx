import type { TokenRowFragment } from '../../../schema/documents.js';
import { Moment } from '../time/moment.js';

export type TokenFact = Pick<TokenRowFragment, 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedIp'>;

/** Whether its end has passed. */
export function isExpired({ expiresAt }: Pick<TokenFact, 'expiresAt'>): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

/** When a token was last used and from where. */
export function LastUse({ token: { lastUsedAt, lastUsedIp } }: { readonly token: TokenFact }) {
  if (lastUsedAt === null) {
    return 'Never used';
  }
  return (
    <>
      Used <Moment at={lastUsedAt} />
      {lastUsedIp !== null && ` from ${lastUsedIp}`}
    </>
  );
}

/** When a token ends, or ended. */
export function End({ token }: { readonly token: TokenFact }) {
  if (token.expiresAt === null) {
    return 'Does not expire';
  }
  return (
    <>
      {isExpired(token) ? 'Expired' : 'Expires'} <Moment at={token.expiresAt} />
    </>
  );
}
