import { Badge } from '@mantine/core';
import type { TokenRowFragment } from '../../../schema/documents.js';
import { Moment } from '../time/moment.js';

type TokenFact = Pick<TokenRowFragment, 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedIp'>;

/** Whether its end has passed. */
function isExpired({ expiresAt }: Pick<TokenFact, 'expiresAt'>): boolean {
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

/** Marks a token whose end has passed. */
export function ExpiredBadge({ token }: { readonly token: TokenFact }) {
  return isExpired(token) ? (
    <Badge size="sm" variant="light" color="red" tt="none">
      Expired
    </Badge>
  ) : null;
}

/** When a token was used, ends and was made, a line each. */
export function TokenFacts({ token }: { readonly token: TokenFact }) {
  return (
    <>
      <div>
        <LastUse token={token} />
      </div>
      <div>
        <End token={token} />
      </div>
      <div>
        Created <Moment at={token.createdAt} as="day" />
      </div>
    </>
  );
}
