/** An ability as the server lists it. */
export interface Ability {
  readonly name: string;
  readonly implies: readonly string[];
  readonly adminOnly: boolean;
}

export interface Account {
  readonly seat: number;
  /** As clients see it. */
  readonly id: string;
  readonly email: string;
  password: string;
  administrator: boolean;
  disabled: boolean;
  gone: boolean;
}

export interface Browser {
  readonly kind: 'browser';
  readonly account: Account;
  readonly cookie: string;
  /** The public id of its session. */
  readonly id: string;
  ended: boolean;
  /** It ended by time, so that a row may be left of it. */
  over: boolean;
}

export interface Token {
  readonly kind: 'token';
  readonly account: Account;
  readonly id: string;
  readonly text: string;
  name: string;
  abilities: readonly string[];
  /** Made a day and a quarter ago, and not just now. */
  aged: boolean;
  /** Its own end is over; the one of the settings is another matter. */
  over: boolean;
  revoked: boolean;
}

export interface Guest {
  readonly kind: 'guest';
}

export type Credential = Browser | Token | Guest;

/** What an answer is expected to be refused with; null for one that is not. */
export type Refusal = string | null;

export const guest: Guest = { kind: 'guest' };
export const seats = 3;
/** TOKENS_PER_USER of the servers. */
export const tokensPerUser = 4;

/** All that there is, and who may do what with it now: the specification in fifty lines, without a database. */
export class World {
  readonly accounts: Account[] = [];
  readonly browsers: Browser[] = [];
  readonly tokens: Token[] = [];
  enabled = false;
  lifetimeDays: 1 | 2 | null = null;
  steps = 0;
  /** The credentials that the step under way has touched. */
  touched: Credential[] = [];

  constructor(private readonly catalogue: readonly Ability[]) {}

  /** Whoever sits there now. */
  seat(seat: number): Account | null {
    return this.accounts.find((account) => account.seat === seat && !account.gone) ?? null;
  }

  credentials(): Credential[] {
    return [...this.browsers, ...this.tokens];
  }

  isAlive(credential: Credential): boolean {
    return credential.kind !== 'guest' && this.refusal(credential) === null && this.user(credential) !== null;
  }

  /** What every request with this credential is refused with. */
  refusal(credential: Credential): Refusal {
    if (credential.kind !== 'token') {
      return null;
    }
    if (!this.enabled) {
      return 'API_DISABLED';
    }
    const { account, revoked } = credential;
    return revoked || account.gone || account.disabled || this.hasEnded(credential) ? 'UNAUTHENTICATED' : null;
  }

  hasEnded({ over, aged }: Token): boolean {
    return over || (aged && this.lifetimeDays === 1);
  }

  /** The account that a credential which is not refused speaks for. */
  user(credential: Credential): Account | null {
    if (credential.kind === 'guest' || (credential.kind === 'browser' && credential.ended)) {
      return null;
    }
    return credential.account;
  }

  holdable(account: Account): string[] {
    return this.catalogue
      .filter(({ adminOnly }) => account.administrator || !adminOnly)
      .map(({ name }) => name)
      .sort();
  }

  worth(abilities: readonly string[], account: Account): string[] {
    const brought = new Set(
      this.catalogue.filter(({ name }) => abilities.includes(name)).flatMap(({ name, implies }) => [name, ...implies]),
    );
    return this.holdable(account).filter((name) => brought.has(name));
  }

  /** Whether this owner may give a token these. */
  mayGrant(abilities: readonly string[], account: Account): boolean {
    return abilities.every((name) => this.holdable(account).includes(name));
  }

  /** What `viewer` tells this credential. */
  viewer(credential: Credential): object {
    const account = this.user(credential);
    if (account === null) {
      return { kind: 'GUEST', user: null, abilities: [] };
    }
    return credential.kind === 'token'
      ? { kind: 'TOKEN', token: { id: credential.id }, abilities: this.worth(credential.abilities, account) }
      : { kind: 'SESSION', user: { id: account.id }, abilities: this.holdable(account) };
  }

  // The rules, in the order in which the first that fails is told.

  firstParty(credential: Credential): Refusal {
    const refused = this.refusal(credential);
    if (refused !== null) {
      return refused;
    }
    if (this.user(credential) === null) {
      return 'UNAUTHENTICATED';
    }
    return credential.kind === 'token' ? 'SESSION_REQUIRED' : null;
  }

  managesTokens(credential: Credential): Refusal {
    return this.firstParty(credential) ?? (this.enabled ? null : 'API_DISABLED');
  }

  administers(credential: Credential): Refusal {
    return this.firstParty(credential) ?? (this.user(credential)?.administrator ? null : 'FORBIDDEN');
  }

  able(credential: Credential, ability: string): Refusal {
    const refused = this.refusal(credential);
    if (refused !== null) {
      return refused;
    }
    const account = this.user(credential);
    if (account === null) {
      return 'UNAUTHENTICATED';
    }
    const can = credential.kind !== 'token' || this.worth(credential.abilities, account).includes(ability);
    return can ? null : 'INSUFFICIENT_ABILITIES';
  }

  changesSettings(credential: Credential): Refusal {
    return this.able(credential, 'settings:update') ?? (this.user(credential)?.administrator ? null : 'FORBIDDEN');
  }

  // What becomes of things.

  tokensOf(account: Account): Token[] {
    return this.tokens.filter((token) => token.account === account && !token.revoked);
  }

  browsersOf(account: Account): Browser[] {
    return this.browsers.filter((browser) => browser.account === account && !browser.ended);
  }

  endSessions(account: Account, keep: Browser | null = null): number {
    const ending = this.browsersOf(account).filter((browser) => browser !== keep);
    for (const browser of ending) {
      browser.ended = true;
    }
    return ending.length;
  }

  remove(account: Account): void {
    account.gone = true;
    this.endSessions(account);
    for (const token of this.tokensOf(account)) {
      token.revoked = true;
    }
  }

  isLastAdministrator(account: Account): boolean {
    return this.accounts.every((each) => each === account || each.gone || each.disabled || !each.administrator);
  }
}
