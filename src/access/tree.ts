import {
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import type { Catalogue } from '../auth/abilities.js';
import { guardOf } from './guard.js';
import type { PresenceRule, PrincipalRule, RecordRule, Rule } from './rules.js';

/** The rules of one field, sorted by when they are decided. */
export interface GuardedField {
  /** The schema coordinate, such as `Post.title`. */
  readonly coordinate: string;
  readonly rules: readonly Rule[];
  readonly principalRules: readonly PrincipalRule[];
  readonly recordRules: readonly RecordRule[];
  readonly presence: PresenceRule | null;
  /** Who is asking may be another after this field. */
  readonly changesPrincipal: boolean;
  /** An operation may select it only once. */
  readonly oncePerRequest: boolean;
}

/** Every rule of the schema, by type and field; the one source for enforcement, plans and listings. */
export class AccessTree {
  constructor(
    readonly fields: ReadonlyMap<string, GuardedField>,
    readonly typeRules: ReadonlyMap<string, readonly PrincipalRule[]>,
  ) {}

  field(type: string, field: string): GuardedField {
    const guarded = this.fields.get(`${type}.${field}`);
    if (guarded === undefined) {
      throw new Error(`No rule is known for ${type}.${field}.`);
    }
    return guarded;
  }

  /** The coordinates that an ability helps to unlock. */
  unlockedBy(ability: string, implied: readonly string[]): string[] {
    const names = new Set([ability, ...implied]);
    return [...this.fields.values()]
      .filter((field) => field.principalRules.some((rule) => rule.abilities?.some((each) => names.has(each))))
      .map((field) => field.coordinate)
      .sort();
  }
}

/** A schema that may not be served; the message names each coordinate. */
export class AccessError extends Error {
  override name = 'AccessError';
}

/** Reads the guards off the schema; throws an {@link AccessError} while any field has none or names an unknown ability. */
export function deriveTree(schema: GraphQLSchema, catalogue: Catalogue): AccessTree {
  const fields = new Map<string, GuardedField>();
  const typeRules = new Map<string, readonly PrincipalRule[]>();
  const problems: string[] = [];
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) {
      problems.push(...idleGuards(placesOf(type), 'a guard on an interface', 'the types that implement it'));
    }
    if (isInputObjectType(type)) {
      problems.push(...idleGuards(placesOf(type), onInput, itsField));
    }
    if (!isObjectType(type) || isIntrospectionType(type)) {
      continue;
    }
    const ofType = guardOf(type.extensions);
    typeRules.set(type.name, ofType.filter(isPrincipalRule));
    if (ofType.some((rule) => rule.kind !== 'principal')) {
      problems.push(`${type.name}: only principal rules can stand on a type.`);
    }
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const given = field.args.map(({ name, extensions }) => ({ name: `${coordinate}(${name}:)`, extensions }));
      problems.push(...idleGuards(given, onInput, itsField));
      const rules = [...new Set([...ofType, ...guardOf(field.extensions)])];
      if (rules.length === 0) {
        problems.push(
          `${coordinate}: no rule. Put @Guard on the field or its type; a public field says @Guard(open('why')).`,
        );
      }
      if (!roots.has(type) && rules.some((rule) => rule.kind === 'sensitivity')) {
        problems.push(`${coordinate}: oncePerRequest counts root fields only.`);
      }
      for (const ability of rules.flatMap((rule) => (rule.kind === 'principal' ? (rule.abilities ?? []) : []))) {
        if (catalogue.get(ability) === undefined) {
          problems.push(`${coordinate}: the ability "${ability}" is in no catalogue.`);
        }
      }
      const presence = rules.filter((rule) => rule.kind === 'presence');
      if (presence.length > 1) {
        problems.push(
          `${coordinate}: ${presence.map(({ name }) => name).join(', ')}: only one can say when it is null.`,
        );
      }
      fields.set(coordinate, {
        coordinate,
        rules,
        principalRules: rules.filter(isPrincipalRule),
        recordRules: rules.filter((rule) => rule.kind === 'record'),
        presence: presence[0] ?? null,
        changesPrincipal: rules.some((rule) => rule.kind === 'transition'),
        oncePerRequest: rules.some((rule) => rule.kind === 'sensitivity'),
      });
    }
  }
  if (problems.length > 0) {
    throw new AccessError(`The schema is not wholly guarded:\n${problems.sort().join('\n')}`);
  }
  return new AccessTree(fields, typeRules);
}

const onInput = 'a guard on input';
const itsField = 'the field that takes it';

interface Place {
  readonly name: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** The type itself, and each of its fields. */
function placesOf(type: GraphQLInterfaceType | GraphQLInputObjectType): Place[] {
  const fields = Object.values<Place>(type.getFields());
  return [type, ...fields.map(({ name, extensions }) => ({ name: `${type.name}.${name}`, extensions }))];
}

/** Only the fields of object types are ever resolved, so what stands elsewhere would be believed and never asked. */
function idleGuards(places: readonly Place[], guard: string, proper: string): string[] {
  return places
    .filter(({ extensions }) => guardOf(extensions).length > 0)
    .map(({ name }) => `${name}: ${guard} guards nothing. Put it on ${proper}.`);
}

function isPrincipalRule(rule: Rule): rule is PrincipalRule {
  return rule.kind === 'principal';
}
