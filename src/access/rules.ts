import type { EntityManager } from '@mikro-orm/postgresql';
import type { AbilityName } from '../auth/abilities.js';
import type { ApiState } from '../auth/api-state.js';
import type { RequestFacts } from '../auth/authenticate.js';
import type { Principal } from '../auth/principal.js';
import type { Denial } from './denial.js';
import type { AnyPolicy, PolicyAction } from './policy.js';

/** The part of the GraphQL context that rules look at. */
export interface RuleContext {
  readonly principal: Principal;
  readonly request: RequestFacts;
  readonly em: EntityManager;
  /** Guests may read the schema. */
  readonly openIntrospection: boolean;
  /** The settings of the API, read at most once a request. */
  api(): Promise<ApiState>;
}

/** Decided before anything runs: it needs the principal and no record. */
export interface PrincipalRule {
  readonly kind: 'principal';
  /** Stable spelling, unique among all rules. */
  readonly name: string;
  /** A sentence for people. */
  readonly description: string;
  /** Alternatives; any one of these abilities satisfies the rule. */
  readonly abilities?: readonly string[];
  /** The kind of credential that it wants: any at all, a session, or a token. */
  readonly credential?: 'ANY' | 'SESSION' | 'TOKEN';
  /** Only administrators satisfy it. */
  readonly administrator?: true;
  /** Why anyone may, where that is so. */
  readonly reason?: string;
  /** Null when it holds. */
  check(context: RuleContext): Denial | null | Promise<Denial | null>;
}

/** Decided with the record in hand, by graphql-shield. */
export interface RecordRule {
  readonly kind: 'record';
  readonly name: string;
  readonly description: string;
  readonly policy: AnyPolicy;
  readonly action: string;
}

/** Not a denial but an absence: where the condition fails, the field is null and nothing below it is asked for. */
export interface PresenceRule {
  readonly kind: 'presence';
  readonly name: string;
  readonly description: string;
  holds(principal: Principal): boolean;
}

/** The field changes who is asking, so what is selected below it is decided for the new principal. */
export interface TransitionRule {
  readonly kind: 'transition';
  readonly name: string;
  readonly description: string;
}

/** A root field that an operation may select only once, whatever the aliases: guessing and making have to be counted. */
export interface SensitivityRule {
  readonly kind: 'sensitivity';
  readonly name: string;
  readonly description: string;
}

export type Rule = PrincipalRule | RecordRule | PresenceRule | TransitionRule | SensitivityRule;

/** Anyone may; the reason is required and is printed wherever the rules are. */
export function open(reason: string): PrincipalRule {
  if (reason.trim() === '') {
    throw new Error('open() needs a reason.');
  }
  return { kind: 'principal', name: `open(${reason})`, description: `Open: ${reason}.`, reason, check: () => null };
}

/** A session or a token, whatever it can. */
export const authenticated: PrincipalRule = {
  kind: 'principal',
  name: 'authenticated',
  description: 'Requires a session or a token.',
  credential: 'ANY',
  check: ({ principal }) => (principal.user === null ? { code: 'UNAUTHENTICATED' } : null),
};

/** Only the cookie session of the person; no token, whatever its abilities. */
export const firstParty: PrincipalRule = {
  kind: 'principal',
  name: 'firstParty',
  description: 'Requires a first-party session.',
  credential: 'SESSION',
  check: ({ principal }) => {
    if (principal.user === null) {
      return { code: 'UNAUTHENTICATED' };
    }
    return principal.kind === 'SESSION' ? null : { code: 'SESSION_REQUIRED' };
  },
};

/** Only a token; what it may do is said by other rules. */
export const bearer: PrincipalRule = {
  kind: 'principal',
  name: 'bearer',
  description: 'Requires a bearer token.',
  credential: 'TOKEN',
  check: ({ principal }) => {
    if (principal.user === null) {
      return { code: 'UNAUTHENTICATED' };
    }
    const itself = principal.kind === 'TOKEN' && !principal.credential.narrowed;
    return itself ? null : { code: 'FORBIDDEN', message: 'Only a token may do this to itself.' };
  },
};

/** The account is an administrator's today. */
export const administrator: PrincipalRule = {
  kind: 'principal',
  name: 'administrator',
  description: 'Only an administrator.',
  credential: 'ANY',
  administrator: true,
  check: ({ principal }) => {
    if (principal.user === null) {
      return { code: 'UNAUTHENTICATED' };
    }
    return principal.isAdministrator ? null : { code: 'FORBIDDEN', message: 'Only an administrator may do this.' };
  },
};

/** The API for tokens is switched on. */
export const apiEnabled: PrincipalRule = {
  kind: 'principal',
  name: 'apiEnabled',
  description: 'Requires the API for tokens to be on.',
  check: async (context) => ((await context.api()).enabled ? null : { code: 'API_DISABLED' }),
};

/** The request comes from a page of ours, for fields that sign a browser in. */
export const trustedOrigin: PrincipalRule = {
  kind: 'principal',
  name: 'trustedOrigin',
  description: 'Requires a request from a page of this server.',
  check: ({ request }) => (request.trustedOrigin ? null : { code: 'CSRF_REFUSED' }),
};

/** The request does not run as a token on a session's cookie, for fields that sign a browser in. */
export const notNarrowed: PrincipalRule = {
  kind: 'principal',
  name: 'notNarrowed',
  description: 'Not while a session runs as a token.',
  check: ({ principal }) =>
    principal.credential.narrowed
      ? { code: 'FORBIDDEN', message: 'A session that runs as a token can sign nobody in.' }
      : null,
};

const tokenCanRules = new Map<string, PrincipalRule>();

/** The credential is able: any one of the abilities named. A session always is, a guest never. */
export function tokenCan(...abilities: [AbilityName, ...AbilityName[]]): PrincipalRule {
  const key = abilities.join('|');
  const known = tokenCanRules.get(key);
  if (known !== undefined) {
    return known;
  }
  const rule: PrincipalRule = {
    kind: 'principal',
    name: `tokenCan(${key})`,
    description: `Requires ${abilities.map((ability) => `\`${ability}\``).join(' or ')}.`,
    abilities,
    credential: 'ANY',
    check: ({ principal }) => {
      if (principal.user === null) {
        return { code: 'UNAUTHENTICATED' };
      }
      return abilities.some((ability) => principal.tokenCan(ability))
        ? null
        : { code: 'INSUFFICIENT_ABILITIES', alternatives: abilities };
    },
  };
  tokenCanRules.set(key, rule);
  return rule;
}

/** The policy lets this principal do `action` to the record: the field's own object, or the one its `id` argument names. */
export function policy<P extends AnyPolicy>(policy: P, action: PolicyAction<P>): RecordRule {
  return {
    kind: 'record',
    name: `policy(${policy.name}.${action})`,
    description: policy.actions[action]?.description ?? '',
    policy,
    action,
  };
}

/** The field is null for guests, without an error. */
export const nullForGuests: PresenceRule = {
  kind: 'presence',
  name: 'nullForGuests',
  description: 'Null for guests.',
  holds: (principal) => principal.user !== null,
};

/** The field is null unless a token asks. */
export const nullWithoutToken: PresenceRule = {
  kind: 'presence',
  name: 'nullWithoutToken',
  description: 'Null unless a token asks.',
  holds: (principal) => principal.kind === 'TOKEN',
};

/** Signs a browser in or out: what is selected below is decided for who is asking afterwards. */
export const changesPrincipal: TransitionRule = {
  kind: 'transition',
  name: 'changesPrincipal',
  description: 'Changes who is asking.',
};

/** For mutations that look at a password or make a credential: a request can try them once. */
export const oncePerRequest: SensitivityRule = {
  kind: 'sensitivity',
  name: 'oncePerRequest',
  description: 'Once in a request.',
};

/** In production the schema is shown to those who are known; elsewhere to everyone. */
export const introspection: PrincipalRule = {
  kind: 'principal',
  name: 'introspection',
  description: 'Requires a session or a token in production.',
  check: ({ principal, openIntrospection }) =>
    openIntrospection || principal.user !== null ? null : { code: 'UNAUTHENTICATED' },
};
