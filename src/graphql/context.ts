import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyBaseLogger } from 'fastify';
import type { ClearableContext } from '../access/enforce.js';
import type { Planner } from '../access/plan.js';
import type { AccessTree } from '../access/tree.js';
import type { Catalogue } from '../auth/abilities.js';
import { type ApiState, readApiState } from '../auth/api-state.js';
import { type AuditEntry, type AuditSource, principalSource } from '../auth/audit.js';
import { type Authenticated, authenticate, type RequestFacts, type Strategy } from '../auth/authenticate.js';
import type { Budget, Budgets } from '../auth/budget.js';
import type { Counters } from '../auth/counters.js';
import { narrow } from '../auth/narrow.js';
import type { Passwords } from '../auth/passwords.js';
import { guest, Principal, type PrincipalUser } from '../auth/principal.js';
import type { RefusalRecorder } from '../auth/refusals.js';
import type { BeginOptions, SessionStore } from '../auth/session-store.js';
import type { Throttle } from '../auth/throttle.js';
import type { UsageRecorder } from '../auth/usage.js';
import type { Config } from '../config.js';
import type { RowReaders } from '../database/rows.js';
import { LatchkeyError } from '../errors.js';
import type { Ending, Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { chargeRequest } from './charge.js';
import { Loaders } from './loaders.js';
import type { Nodes } from './node.js';

/** What lives as long as the server. */
export interface Services {
  readonly config: Config;
  readonly em: EntityManager;
  readonly rows: RowReaders;
  readonly catalogue: Catalogue;
  readonly strategies: readonly Strategy[];
  readonly sessions: SessionStore;
  readonly passwords: Passwords;
  readonly counters: Counters;
  readonly throttle: Throttle;
  readonly budgets: Budgets;
  readonly usage: UsageRecorder;
  readonly refusals: RefusalRecorder;
  readonly nodes: Nodes;
  readonly metrics: Metrics;
  /** Null unless somebody collects traces. */
  readonly traces: Traces | null;
  readonly access: { readonly tree: AccessTree; readonly planner: Planner };
}

/** Where the HTTP layer takes the session cookie from; a null clears it. */
export type SetSessionCookie = (secret: string | null) => void;

/** What a resolver gets: one request, one principal, one unit of work. */
export class Context implements ClearableContext {
  clearance: ClearableContext['clearance'] = null;
  /** Shared by the copies that Apollo makes. */
  readonly ending: Ending = { operation: 'none', outcome: 'refused' };
  /** What the one who came with this request spends from; null for no limit. */
  readonly budget: Budget | null;
  private forked: EntityManager | undefined;
  private made: Loaders | undefined;
  // Not `#` fields: Apollo copies the context of every operation, and a copy has none of them.
  private current: Principal;
  private settings: Promise<ApiState> | undefined;

  constructor(
    readonly services: Services,
    readonly request: RequestFacts,
    readonly log: FastifyBaseLogger,
    authenticated: Authenticated,
    private readonly setSessionCookie: SetSessionCookie,
  ) {
    this.current = authenticated.principal;
    this.budget = services.budgets.of(authenticated.principal, request.ip);
    this.settings = authenticated.api === null ? undefined : Promise.resolve(authenticated.api);
  }

  /** The unit of work, begun when a resolver first wants it. */
  get em(): EntityManager {
    this.forked ??= this.services.em.fork();
    return this.forked;
  }

  get loaders(): Loaders {
    this.made ??= new Loaders(this.em, this.services.rows);
    return this.made;
  }

  get principal(): Principal {
    return this.current;
  }

  /** Who asks, for the events that tell of it. */
  get auditSource(): AuditSource {
    return principalSource(this.current, this.request);
  }

  get openIntrospection(): boolean {
    return this.services.config.mode !== 'production';
  }

  api(): Promise<ApiState> {
    this.settings ??= readApiState(this.services.em);
    return this.settings;
  }

  /** Forgets the settings that this request has read, after it changed them. */
  forgetApi(): void {
    this.settings = undefined;
  }

  /** Signs the browser in under a new session id; a session that the request came with ends. */
  async beginSession(user: PrincipalUser, options: Omit<BeginOptions, 'replaces'> = {}): Promise<Principal> {
    const { kind, credential } = ofItself(this.current);
    const replaces = kind === 'SESSION' ? credential.id : null;
    const { principal, secret } = await this.services.sessions.begin(user, this.request, new Date(), {
      ...options,
      replaces,
    });
    this.setSessionCookie(secret);
    this.current = principal;
    return principal;
  }

  /** Does what may be refused on the record in hand; a refusal is written down as one of that entry. */
  async audited<T>(entry: AuditEntry, work: () => Promise<T>): Promise<T> {
    const { auditSource } = this;
    try {
      return await work();
    } catch (error) {
      if (error instanceof LatchkeyError) {
        this.services.refusals.note(auditSource, { ...entry, code: error.code });
      }
      throw error;
    }
  }

  /** Goes on with the same credential after the account behind it has changed. */
  accountChanged(user: PrincipalUser): Principal {
    this.current = new Principal(user, this.current.credential);
    return this.current;
  }

  /** Signs the browser out. */
  async endSession(): Promise<Principal> {
    const previous = ofItself(this.current);
    if (previous.kind === 'SESSION' && previous.credential.id !== null) {
      await this.services.sessions.end(previous.credential.id, this.auditSource);
    }
    this.setSessionCookie(null);
    this.current = guest;
    return guest;
  }
}

/** The principal whose cookie may change, for fields whose guard has made sure that it is no narrowed one. */
function ofItself(principal: Principal): Principal {
  if (principal.credential.narrowed) {
    throw new Error('A field that changes who is asking ran for a narrowed session: its guard is missing.');
  }
  return principal;
}

/**
 * Resolves the credential of a request into its context; throws when a bearer is bad, the API is off, it cannot run as it
 * asks to, or the budget is spent. Who could not be told is charged as a guest.
 */
export async function buildContext(
  services: Services,
  request: RequestFacts,
  log: FastifyBaseLogger,
  setSessionCookie: SetSessionCookie,
): Promise<Context> {
  let authenticated: Authenticated;
  try {
    authenticated = await identify(services, request);
  } catch (refusal) {
    if (refusal instanceof LatchkeyError) {
      await chargeRequest(services.budgets.of(guest, request.ip));
    }
    throw refusal;
  }
  const context = new Context(services, request, log, authenticated, setSessionCookie);
  await chargeRequest(context.budget);
  return context;
}

async function identify(services: Services, request: RequestFacts): Promise<Authenticated> {
  const now = new Date();
  const authenticated = await authenticate(services.strategies, request, now);
  return request.runAs.length === 0
    ? authenticated
    : narrow(services.em, services.catalogue, authenticated, request.runAs, now);
}

/** The account of a principal, for fields whose guard has made sure that there is one. */
export function accountOf(principal: Principal): PrincipalUser {
  if (principal.user === null) {
    throw new Error('A field that needs an account ran for a guest: its guard is missing.');
  }
  return principal.user;
}
