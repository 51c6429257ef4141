import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { z } from 'zod';
import { type AbilityHolder, type Catalogue, wildcard } from '../auth/abilities.js';
import { type ApiState, effectiveExpiry } from '../auth/api-state.js';
import { type AuditSource, change, record } from '../auth/audit.js';
import { formatToken, hashSecret, newSecret } from '../auth/token-text.js';
import { badUserInput, unauthenticated, wrongCredentials } from '../errors.js';
import { checked, line } from '../graphql/input.js';
import { User } from '../users/user.entity.js';
import { ApiToken } from './api-token.entity.js';

/** What a new token is made of; `allowWildcard` is the command line's alone. */
export interface TokenRequest {
  readonly ownerId: string;
  readonly owner: AbilityHolder;
  readonly name: string;
  readonly abilities: readonly string[];
  readonly expiresAt: Date | null;
  /** Who makes it, and as what it is written down. */
  readonly by: AuditSource;
  readonly action?: 'token.create' | 'token.issue';
  readonly allowWildcard?: boolean;
  /** The hash that a password was checked against; nothing is issued once the account has another one. */
  readonly checkedHash?: string;
  /** What the client calls `name` in its arguments. */
  readonly nameArgument?: string;
}

/** A token and, for the last time, its text. */
export interface IssuedToken {
  readonly plainTextToken: string;
  readonly apiToken: ApiToken;
}

/** What issuing depends on besides the request. */
export interface Issuer {
  readonly em: EntityManager;
  readonly catalogue: Catalogue;
  readonly prefix: string;
  readonly limitPerUser: number;
  readonly api: ApiState;
}

/** Throws `BAD_USER_INPUT` with every bad field, and writes nothing then. */
export async function issueToken(issuer: Issuer, request: TokenRequest, now: Date): Promise<IssuedToken> {
  const argument = request.nameArgument ?? 'name';
  const input = checked(
    z.object({
      [argument]: line,
      abilities: grantable(issuer.catalogue, request.owner, request.allowWildcard ?? false),
      expiresAt: expiry(issuer.api, now).nullable(),
    }),
    { [argument]: request.name, abilities: request.abilities, expiresAt: request.expiresAt },
  ) as Record<string, unknown> & { abilities: string[]; expiresAt: Date | null };
  const id = v7();
  const secret = newSecret();
  const apiToken = await issuer.em.fork().transactional(async (em) => {
    // Locking the owner's row makes two requests at once count one after the other.
    const { ownerId, checkedHash } = request;
    const owner = { id: ownerId, disabledAt: null, ...(checkedHash !== undefined && { passwordHash: checkedHash }) };
    if ((await em.findOne(User, owner, { lockMode: LockMode.PESSIMISTIC_WRITE, fields: ['id'] })) === null) {
      throw checkedHash === undefined ? unauthenticated() : wrongCredentials('wrong_password');
    }
    if ((await em.count(ApiToken, { user: request.ownerId })) >= issuer.limitPerUser) {
      throw badUserInput({ [argument]: [`would be one token too many: ${issuer.limitPerUser} is the limit.`] });
    }
    const token = em.create(ApiToken, {
      id,
      user: request.ownerId,
      name: String(input[argument]),
      secretHash: hashSecret(secret),
      abilities: input.abilities,
      expiresAt: input.expiresAt,
      lastUsedAt: null,
      lastUsedIp: null,
      createdAt: now,
    });
    record(em, request.by, {
      action: request.action ?? 'token.create',
      subject: { type: 'TOKEN', id, ownerId: request.ownerId },
      changes: [
        ...change('name', null, token.name),
        ...change('abilities', null, token.abilities),
        ...change('expiresAt', null, token.expiresAt),
      ],
    });
    await em.flush();
    return token;
  });
  return { plainTextToken: formatToken(issuer.prefix, { id, secret }), apiToken };
}

/** A list of abilities that this owner may give; duplicates fold, unknown names are refused by name. */
export function grantable(catalogue: Catalogue, owner: AbilityHolder, allowWildcard: boolean) {
  return z
    .array(z.string())
    .max(200, 'must have at most 200 entries.')
    .transform((names) => [...new Set(names)])
    .superRefine((names, context) => {
      for (const name of names) {
        const problem = name === wildcard && allowWildcard ? null : refusalOf(catalogue, owner, name);
        if (problem !== null) {
          context.addIssue({ code: 'custom', message: problem });
        }
      }
    });
}

function refusalOf(catalogue: Catalogue, owner: AbilityHolder, name: string): string | null {
  if (name === wildcard) {
    return '`*` is granted on the command line only.';
  }
  const entry = catalogue.get(name);
  if (entry === undefined) {
    return `${JSON.stringify(name.slice(0, 64))} is not an ability.`;
  }
  return entry.adminOnly && !owner.isAdministrator ? `\`${name}\` is for administrators.` : null;
}

function expiry(api: ApiState, now: Date) {
  const latest = effectiveExpiry(now, null, api);
  return z
    .date()
    .refine((date) => date > now, 'must be in the future.')
    .refine((date) => date.getUTCFullYear() <= 9999, 'must be before the year 10000.')
    .refine(
      (date) => latest === null || date <= latest,
      `must be at most ${api.maximumTokenLifetimeDays} days from now.`,
    );
}
