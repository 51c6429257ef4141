import type { EntityManager } from '@mikro-orm/postgresql';
import type { ClearableContext } from '../../src/access/enforce.js';
import type { Catalogue } from '../../src/auth/abilities.js';
import type { RequestFacts } from '../../src/auth/authenticate.js';
import { type Principal, type PrincipalUser, sessionPrincipal, tokenPrincipal } from '../../src/auth/principal.js';
import { type BuiltSchema, buildGuardedSchema, type ResolverClass } from '../../src/graphql/build.js';
import { Context } from '../../src/graphql/context.js';
import { createGraphQLServer } from '../../src/graphql/server.js';
import { toPrincipalUser } from '../../src/users/account.js';
import type { User } from '../../src/users/user.entity.js';
import type { TestServer } from '../helper.js';

export const facts: RequestFacts = {
  id: 'request-1',
  ip: '127.0.0.1',
  userAgent: 'test',
  authorization: [],
  sessionSecret: null,
  runAs: [],
  strayToken: false,
  trustedOrigin: true,
};

/** An account that stands in no database. */
export function person(values: Partial<PrincipalUser> = {}): PrincipalUser {
  return {
    id: '01a2025c-c21e-7651-aa65-35edfbad985a',
    name: 'Ada',
    email: 'ada@example.com',
    isAdministrator: false,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...values,
  };
}

export function session(user: PrincipalUser, catalogue?: Catalogue): Principal {
  return sessionPrincipal(user, '01a2025c-0000-7000-8000-000000000001', catalogue?.holdable(user) ?? []);
}

/** A token that was granted `abilities`; without a catalogue they are worth exactly what they say. */
export function token(user: PrincipalUser, abilities: readonly string[], catalogue?: Catalogue): Principal {
  const effective = catalogue?.effective(abilities, user) ?? new Set(abilities);
  return tokenPrincipal(user, '01a2025c-0000-7000-8000-000000000002', abilities, effective, null);
}

/** A request that has not been decided yet; whoever reads a record under it gets an error, and the test fails. */
export function undecided(principal: Principal, values: Partial<ClearableContext> = {}): ClearableContext {
  return {
    principal,
    clearance: null,
    request: facts,
    openIntrospection: true,
    api: async () => ({ enabled: true, defaultAbilities: [], maximumTokenLifetimeDays: null }),
    get em(): EntityManager {
      throw new Error('A record was read.');
    },
    ...values,
  };
}

/** The context of a request to a running server that no preflight has let through. */
export function contextOf(server: TestServer, principal: Principal, built?: BuiltSchema): Context {
  const { services, http } = server.app;
  const { tree, planner } = built ?? services.access;
  return new Context({ ...services, access: { tree, planner } }, facts, http.log, { principal, api: null }, () => {});
}

export function sessionOf(server: TestServer, user: User): Principal {
  return session(toPrincipalUser(user), server.app.services.catalogue);
}

export function tokenOf(server: TestServer, user: User, abilities: readonly string[]): Principal {
  return token(toPrincipalUser(user), abilities, server.app.services.catalogue);
}

/** Apollo over resolvers of the test's own, on a running server's services. */
export async function serve(server: TestServer, resolvers: readonly ResolverClass[]) {
  const built = buildGuardedSchema(resolvers, server.app.services.catalogue);
  const apollo = createGraphQLServer(built, server.app.services.config.limits, false);
  await apollo.start();
  return {
    ...built,
    execute: async (query: string, principal: Principal, variables: Record<string, unknown> = {}) => {
      const answer = await apollo.executeOperation(
        { query, variables },
        { contextValue: contextOf(server, principal, built) },
      );
      if (answer.body.kind !== 'single') {
        throw new Error('Answers come in one piece.');
      }
      const { data, errors } = answer.body.singleResult;
      return {
        data: data as Record<string, any> | null | undefined,
        errors,
        codes: (errors ?? []).map((error) => String(error.extensions?.code)),
      };
    },
    stop: () => apollo.stop(),
  };
}
