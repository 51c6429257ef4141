import type { AbilityHolder } from './abilities.js';

/** The account behind a principal, as its authentication statement read it. */
export interface PrincipalUser extends AbilityHolder {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: Date;
}

export type PrincipalKind = 'GUEST' | 'SESSION' | 'TOKEN';

/** How a principal proved who it is; every kind answers `can`, so nobody behind it asks which one it is. */
export interface Credential {
  readonly kind: PrincipalKind;
  /** UUID of the session or the token; null for a guest and for a token that does not exist. */
  readonly id: string | null;
  /** As granted; a session holds all that its user may hold. */
  readonly granted: readonly string[];
  /** As worth today. */
  readonly abilities: ReadonlySet<string>;
  /** When a token ends; null for a token that does not, and for everything else. */
  readonly expiresAt: Date | null;
  /** The session that runs as a token: it can what the token could, and touches neither the token nor its own cookie. */
  readonly narrowed?: { readonly sessionId: string | null };
  can(ability: string): boolean;
}

/** Who is asking. */
export class Principal {
  constructor(
    readonly user: PrincipalUser | null,
    readonly credential: Credential,
  ) {}

  get kind(): PrincipalKind {
    return this.credential.kind;
  }

  /** Whether the credential may ask for this; whether the user may do it to one record is a policy's decision. */
  tokenCan(ability: string): boolean {
    return this.credential.can(ability);
  }

  /** Whether this is the account with that id. */
  is(userId: string): boolean {
    return this.user !== null && this.user.id === userId;
  }

  get isAdministrator(): boolean {
    return this.user?.isAdministrator ?? false;
  }
}

/** Nobody signed in, and no token. */
export const guest = new Principal(null, {
  kind: 'GUEST',
  id: null,
  granted: [],
  abilities: new Set(),
  expiresAt: null,
  can: () => false,
});

/** The session's side of Sanctum's TransientToken: it can do whatever the policies allow its user. */
export function sessionPrincipal(user: PrincipalUser, sessionId: string, holdable: readonly string[]): Principal {
  return new Principal(user, {
    kind: 'SESSION',
    id: sessionId,
    granted: holdable,
    abilities: new Set(holdable),
    expiresAt: null,
    can: () => true,
  });
}

export function tokenPrincipal(
  user: PrincipalUser,
  tokenId: string,
  granted: readonly string[],
  effective: ReadonlySet<string>,
  expiresAt: Date | null = null,
): Principal {
  return new Principal(user, tokenCredential(tokenId, granted, effective, expiresAt));
}

/** A session in the place of a token: `tokenId` is null for a token that does not exist. */
export function narrowedPrincipal(
  user: PrincipalUser,
  tokenId: string | null,
  granted: readonly string[],
  effective: ReadonlySet<string>,
  expiresAt: Date | null,
  sessionId: string | null = null,
): Principal {
  return new Principal(user, { ...tokenCredential(tokenId, granted, effective, expiresAt), narrowed: { sessionId } });
}

function tokenCredential(
  id: string | null,
  granted: readonly string[],
  effective: ReadonlySet<string>,
  expiresAt: Date | null,
): Credential {
  return { kind: 'TOKEN', id, granted, abilities: effective, expiresAt, can: (ability) => effective.has(ability) };
}
