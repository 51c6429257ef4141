import type { TokensAtStakeQuery } from '../../../../schema/documents.js';
import { counted } from './counted.js';

const dayMs = 86_400_000;

/** The tokens that work while the API is on, and what becomes of them. */
export interface Stake {
  /** Such as `3 tokens of 2 users`; null when there is none. */
  readonly reach: string | null;
  /** When one of them was last used. */
  readonly lastUsedAt: string | null;
  /** How many are older than this number of days. */
  readonly olderThan: (days: number) => string | null;
}

/** Counts what the server has told of the latest tokens; where there are more of them, it says `at least`. */
export function stakeOf({ nodes, pageInfo }: TokensAtStakeQuery['allApiTokens'], now: number): Stake {
  const working = nodes.filter(
    ({ expiresAt, owner }) => owner.disabledAt === null && (expiresAt === null || Date.parse(expiresAt) > now),
  );
  const said = (text: string) => (pageInfo.hasNextPage ? `at least ${text}` : text);
  const owners = new Set(working.map(({ owner }) => owner.id)).size;
  return {
    reach: working.length === 0 ? null : said(`${counted(working.length, 'token')} of ${counted(owners, 'user')}`),
    lastUsedAt: working.reduce<string | null>(
      (latest, { lastUsedAt }) => (lastUsedAt !== null && lastUsedAt > (latest ?? '') ? lastUsedAt : latest),
      null,
    ),
    olderThan: (days) => {
      const older = working.filter(({ createdAt }) => Date.parse(createdAt) + days * dayMs <= now).length;
      return older === 0 ? null : said(counted(older, 'token'));
    },
  };
}
