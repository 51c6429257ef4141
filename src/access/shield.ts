import { createRequire } from 'node:module';
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import { forbidden } from '../errors.js';
import { visibleRecord } from './record.js';
import type { RecordRule, RuleContext } from './rules.js';
import { type Swift, swiftOf, withSwift } from './swift.js';
import type { AccessTree, GuardedField } from './tree.js';

// Both from their CommonJS builds, in one place: the ES module of graphql-shield 7.6.5 does not load on Node 23 and newer,
// and a CommonJS shield with an ES graphql-middleware are strangers to each other's classes.
const require = createRequire(import.meta.url);
const { shield, rule, deny } = require('graphql-shield') as typeof import('graphql-shield');
const { applyMiddleware } = require('graphql-middleware') as typeof import('graphql-middleware');

/**
 * Puts graphql-shield before the fields that have record rules, and before no other: what needs only the principal was
 * decided by the preflight, and a shield around every field would cost each of them a chain of promises.
 */
export function shieldRecords(schema: GraphQLSchema, tree: AccessTree): GraphQLSchema {
  const rules: Record<string, Record<string, ReturnType<ReturnType<typeof rule>>>> = {};
  const guarded = [...tree.fields.values()].filter((field) => field.recordRules.length > 0);
  const plain = new Map<string, Plain>();
  for (const field of guarded) {
    const [type = '', name = ''] = field.coordinate.split('.');
    rules[type] ??= {};
    rules[type][name] = rule(`records of ${field.coordinate}`, { cache: 'no_cache' })(decide(field.recordRules));
    rewire(schema, field, (resolve, own) => {
      plain.set(field.coordinate, { resolve, swift: swiftOf(name, own) });
      return throwErrorsOnly(resolve);
    });
  }
  const middleware = shield(rules, { allowExternalErrors: true, fallbackRule: deny, fallbackError: forbidden() });
  const everywhere = (
    middleware as unknown as { generate(schema: GraphQLSchema): Record<string, Record<string, never>> }
  ).generate(schema);
  const pruned = Object.fromEntries(
    Object.entries(rules).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.keys(fields).map((name) => [name, everywhere[type]?.[name] as never])),
    ]),
  );
  const shielded = applyMiddleware(schema, pruned);
  for (const field of guarded) {
    rewire(shielded, field, (resolve) => straight(field, plain.get(field.coordinate), throwReturnedErrors(resolve)));
  }
  return shielded;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** A field's resolver before it was shielded. */
interface Plain {
  readonly resolve: Resolver;
  readonly swift: Swift | undefined;
}

function rewire(
  schema: GraphQLSchema,
  { coordinate }: GuardedField,
  wrap: (resolve: Resolver, own: Resolver | undefined) => Resolver,
): void {
  const [type = '', name = ''] = coordinate.split('.');
  const field = (schema.getType(type) as GraphQLObjectType).getFields()[name];
  if (field !== undefined) {
    field.resolve = wrap(field.resolve ?? defaultFieldResolver, field.resolve);
  }
}

/** The shield returns what a resolver throws, so anything but an Error would reach the client as the field's value. */
function throwErrorsOnly(resolve: Resolver): Resolver {
  return async (source, args, context, info) => {
    try {
      return await resolve(source, args, context, info);
    } catch (error) {
      throw asError(error);
    }
  };
}

/** The shield returns its refusals; thrown, they are seen by whoever cleans up after a field that failed. */
function throwReturnedErrors(resolve: Resolver): Resolver {
  return async (source, args, context, info) => {
    const value = await resolve(source, args, context, info);
    if (value instanceof Error) {
      throw value;
    }
    return value;
  };
}

/**
 * Lets a record that is in hand pass without a promise where the policies allow it; every other outcome, a policy that
 * throws included, goes the way of the shield. A page of posts asks for the same decision on every author.
 */
function straight({ recordRules }: GuardedField, plain: Plain | undefined, shielded: Resolver): Resolver {
  if (plain === undefined) {
    return shielded;
  }
  const { resolve, swift } = plain;
  const resolver: Resolver = (source, args, context, info) =>
    !isRoot(info) && allows(recordRules, source, context as RuleContext)
      ? resolve(source, args, context, info)
      : shielded(source, args, context, info);
  return swift === undefined
    ? resolver
    : withSwift(resolver, (source, context) => {
        if (!allows(recordRules, source, context as RuleContext)) {
          throw forbidden();
        }
        return swift(source, context);
      });
}

function allows(rules: readonly RecordRule[], record: unknown, { principal }: RuleContext): boolean {
  try {
    return (
      record != null && rules.every(({ policy, action }) => policy.actions[action]?.may(principal, record) === true)
    );
  } catch {
    return false;
  }
}

function isRoot({ parentType, schema, operation }: GraphQLResolveInfo): boolean {
  return parentType === schema.getRootType(operation.operation);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`Something else than an error was thrown: ${String(thrown)}`);
}

/** One function for all record rules of a field, in order: `and()` of graphql-shield would start them all at once. */
function decide(rules: readonly RecordRule[]) {
  return async (source: object | undefined, args: { id?: unknown }, context: RuleContext, info: GraphQLResolveInfo) => {
    try {
      for (const { policy, action } of rules) {
        const record = isRoot(info) ? await visibleRecord(context, policy, String(args.id)) : source;
        const decision = policy.actions[action];
        if (decision === undefined || record === undefined || decision.may(context.principal, record) !== true) {
          return forbidden(decision?.description);
        }
      }
      return true;
    } catch (error) {
      // A returned error denies and keeps its cause; a thrown one would reach the client as a bare "Not Authorised!".
      return asError(error);
    }
  };
}
