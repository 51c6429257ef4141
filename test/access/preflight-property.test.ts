import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  execute,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isEnumType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { Denial } from '../../src/access/denial.js';
import { fragmentsOf } from '../../src/access/document.js';
import { type ClearableContext, clear, enforce } from '../../src/access/enforce.js';
import { withDefaults } from '../../src/access/preflight.js';
import { AccessTree, deriveTree } from '../../src/access/tree.js';
import { guest, type Principal, sessionPrincipal, tokenPrincipal } from '../../src/auth/principal.js';
import { LatchkeyError } from '../../src/errors.js';
import { quickExecutor } from '../../src/graphql/execute.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { schemaOfModules } from '../schema-of-modules.js';
import { DocumentWriter } from './random-document.js';

const runs = 2_500;

/** What a run of a document writes down. */
interface Notes {
  resolved: number;
  denials: { denial: Denial; coordinate: string }[];
  concrete: string[];
}

type Context = ClearableContext & { notes: Notes };

const { catalogue } = guardedSchema(modules);

/** The types of the real schema, with resolvers that answer anything at once. */
function bareSchema(): GraphQLSchema {
  const schema = schemaOfModules();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) {
      type.resolveType = (value) => (value as { type: string }).type;
    } else if (isObjectType(type) && !isIntrospectionType(type)) {
      for (const field of Object.values(type.getFields())) {
        const inner = field.type;
        field.resolve = (_source, _args, { notes }: Context, info) => {
          notes.resolved += 1;
          return sample(inner, info.schema, notes);
        };
      }
    }
  }
  return schema;
}

/** A value of a type; the concrete type behind an abstract one goes round through all of them. */
function sample(type: GraphQLOutputType, schema: GraphQLSchema, notes: Notes): unknown {
  if (isNonNullType(type)) {
    return sample(type.ofType, schema, notes);
  }
  if (isListType(type)) {
    return [sample(type.ofType, schema, notes), sample(type.ofType, schema, notes)];
  }
  const named = getNamedType(type);
  if (isAbstractType(named)) {
    const types = schema.getPossibleTypes(named);
    const concrete = types[notes.concrete.length % types.length]?.name ?? '';
    notes.concrete.push(concrete);
    return { type: concrete };
  }
  if (isEnumType(named)) {
    return named.getValues()[0]?.value;
  }
  const scalars: Record<string, unknown> = { Boolean: true, Int: 1, DateTime: new Date(0) };
  return isObjectType(named) ? {} : (scalars[named.name] ?? 'x');
}

/** Only the principal rules: records need a database, and are decided by another part of the engine. */
function withoutRecords(tree: AccessTree): AccessTree {
  const fields = [...tree.fields].map(([name, field]) => [name, { ...field, recordRules: [] }] as const);
  return new AccessTree(new Map(fields), tree.typeRules);
}

const engine = (() => {
  const bare = bareSchema();
  return enforce(bare, withoutRecords(deriveTree(bare, catalogue)));
})();

/** Executes as the server does. */
const quick = quickExecutor(engine.schema);

/** The oracle: no plan, no cache; every rule of every field is asked when the field is reached, and nothing stops. */
const oracle = (() => {
  const schema = bareSchema();
  const tree = deriveTree(schema, catalogue);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) {
      const { resolveType } = type;
      type.resolveType = async (value, context: Context, info, abstract) => {
        const name = (await resolveType?.(value, context, info, abstract)) ?? '';
        for (const rule of tree.typeRules.get(name) ?? []) {
          const denial = await rule.check(context);
          if (denial !== null) {
            context.notes.denials.push({ denial, coordinate: `${name}.__typename` });
          }
        }
        return name;
      };
    }
    if (!isObjectType(type) || isIntrospectionType(type)) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      const answer = field.resolve as GraphQLFieldResolver<unknown, Context>;
      const { coordinate, principalRules, presence } = tree.field(type.name, field.name);
      field.resolve = async (source, args, context: Context, info) => {
        for (const rule of principalRules) {
          const denial = await rule.check(context);
          if (denial !== null) {
            context.notes.denials.push({ denial, coordinate });
          }
        }
        if (presence !== null && !presence.holds(context.principal)) {
          return null;
        }
        return answer(source, args, context, info);
      };
    }
  }
  return schema;
})();

const changing = new Set(
  [...deriveTree(bareSchema(), catalogue).fields.values()]
    .filter((field) => field.changesPrincipal)
    .map((field) => field.coordinate),
);

/**
 * What a refusal for want of abilities tells; null for any other outcome. No document here asks for `__typename` alone, of which an
 * oracle never hears: graphql-js answers it without a resolver.
 */
function shortfall(refusal: LatchkeyError | null) {
  const { missing, coordinates } = (refusal?.extensions ?? {}) as { missing?: string[]; coordinates?: string[] };
  return refusal?.code === 'INSUFFICIENT_ABILITIES' ? { missing, coordinates } : null;
}

/** The same, gathered from what the oracle wrote down. */
function shortfallOf({ denials }: Notes, refusal: LatchkeyError | null) {
  if (refusal?.code !== 'INSUFFICIENT_ABILITIES') {
    return null;
  }
  const short = denials.flatMap(({ denial, coordinate }) =>
    denial.code === 'INSUFFICIENT_ABILITIES' ? [{ ability: denial.alternatives[0], coordinate }] : [],
  );
  return {
    missing: [...new Set(short.map(({ ability }) => ability))].sort(),
    coordinates: [...new Set(short.map(({ coordinate }) => coordinate))].sort(),
  };
}

function contextOf(principal: Principal, trustedOrigin: boolean, apiOn: boolean): Context {
  return {
    principal,
    request: { trustedOrigin } as Context['request'],
    em: null as never,
    openIntrospection: true,
    api: async () => ({ enabled: apiOn, defaultAbilities: [], maximumTokenLifetimeDays: null }),
    clearance: null,
    notes: { resolved: 0, denials: [], concrete: [] },
  };
}

const principals = fc
  .record({
    kind: fc.constantFrom('GUEST', 'SESSION', 'TOKEN', 'TOKEN', 'TOKEN'),
    isAdministrator: fc.boolean(),
    granted: fc.subarray([...catalogue.entries.map((entry) => entry.name), '*']),
  })
  .map(({ kind, isAdministrator, granted }) => {
    const user = { id: 'u', name: 'U', email: 'u@example.com', createdAt: new Date(0), isAdministrator };
    switch (kind) {
      case 'GUEST':
        return guest;
      case 'SESSION':
        return sessionPrincipal(user, 's', catalogue.holdable(user));
      default:
        return tokenPrincipal(
          user,
          '01a2025c-0000-7000-8000-000000000002',
          granted,
          catalogue.effective(granted, user),
        );
    }
  });

test(`the preflight decides any document as an oracle does that asks every rule at every field`, async () => {
  const seen = { denied: 0, allowed: 0, late: 0 };
  const property = fc.asyncProperty(
    fc.array(fc.nat(1_000), { minLength: 80, maxLength: 160 }),
    principals,
    fc.boolean(),
    fc.boolean(),
    async (tape, principal, trustedOrigin, apiOn) => {
      const { text, operationName, variables, late } = new DocumentWriter(oracle, tape, changing).write();
      const document = parse(text);
      expect(validate(oracle, document)).toEqual([]);
      const operation = getOperationAST(document, operationName);
      if (operation == null) {
        throw new Error('The operation is not in its document.');
      }

      const naive = contextOf(principal, trustedOrigin, apiOn);
      await execute({ schema: oracle, document, operationName, variableValues: variables, contextValue: naive });

      const context = contextOf(principal, trustedOrigin, apiOn);
      let refusal: LatchkeyError | null = null;
      try {
        await clear(engine.planner, context, operation, fragmentsOf(document), withDefaults(operation, variables));
      } catch (error) {
        refusal = error as LatchkeyError;
        expect(refusal).toBeInstanceOf(LatchkeyError);
      }
      const cleared = refusal === null;
      if (!cleared) {
        expect(context.notes.resolved).toBe(0);
        expect(naive.notes.denials).not.toEqual([]);
      } else {
        const data = await quick({ document, operation, variables, context });
        const result =
          data === null
            ? await execute({
                schema: engine.schema,
                document,
                operationName,
                variableValues: variables,
                contextValue: context,
              })
            : { data, errors: [] };
        const denied = (result.errors ?? []).map((error) => error.originalError);
        expect(denied.every((error) => error instanceof LatchkeyError)).toBe(true);
        expect(denied.length > 0).toBe(naive.notes.denials.length > 0);
      }
      if (!late) {
        expect(cleared).toBe(naive.notes.denials.length === 0);
        expect(shortfall(refusal)).toEqual(shortfallOf(naive.notes, refusal));
      }
      seen[naive.notes.denials.length > 0 ? 'denied' : 'allowed'] += 1;
      seen.late += late ? 1 : 0;
    },
  );
  await fc.assert(property, { numRuns: runs });
  // A generator that only ever wrote documents of one kind would prove nothing.
  expect(Math.min(seen.denied, seen.allowed, seen.late)).toBeGreaterThan(runs / 50);
}, 120_000);
