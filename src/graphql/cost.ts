import {
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  GraphQLInt,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isListType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsOf } from '../access/document.js';
import { guardOf } from '../access/guard.js';
import type { Fragments } from '../access/plan.js';
import { appliesTo, isOpen, type VariableGate, variableGates } from '../access/selection.js';
import { type Amount, largest, product, sum, type Variables, worth } from './amount.js';
import { listSizeOf } from './list-size.js';

/** What is charged, in points. Other scalars are free: the limits on aliases and tokens bound how many an object has. */
export const prices = {
  /** Every request. */
  request: 1,
  /** Every object that the answer may hold. */
  object: 1,
  /** Every scalar that a policy decides with the record in hand: a refusal is as much work as an object, or more. */
  decision: 1,
  /** Every field of the mutation itself, beside the objects that it answers. */
  mutation: 10,
  /** `__schema` and `__type`, whatever is selected below. */
  introspection: 100,
} as const;

/** How many items a list counts for that has no `first` and does not say with `@ListSize` how many it holds. */
export const assumedListSize = 20;

/**
 * The points that an operation may cost at most, whatever the data: {@link prices} for the request and for every object
 * that its answer can hold. The coerced `first` of a list multiplies everything below its items, whether it was written,
 * came with a variable, from a default or in an input object. Of the types that a field of an abstract type may turn out to
 * have, the most expensive counts; of what `@skip` and `@include` leave out, nothing. `variables` are as the client sent
 * them; if one that counts does not fit its type, the operation cannot run and costs what a request costs. The
 * document must be valid. It is read once; the plan lives as long as the operation's syntax tree.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const { cost, variableDefinitions } = planOf(schema, document, operation);
  if (typeof cost === 'number') {
    return cost;
  }
  const { coerced } = getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 });
  return coerced === undefined ? prices.request : cost(coerced);
}

interface Plan {
  readonly cost: Amount;
  /** Those that the cost depends on. */
  readonly variableDefinitions: readonly VariableDefinitionNode[];
}

const plans = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Plan>>();

function planOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Plan {
  let ofSchema = plans.get(schema);
  if (ofSchema === undefined) {
    ofSchema = new WeakMap();
    plans.set(schema, ofSchema);
  }
  let plan = ofSchema.get(operation);
  if (plan === undefined) {
    plan = new CostPlanner(schema, fragmentsOf(document)).plan(operation);
    ofSchema.set(operation, plan);
  }
  return plan;
}

/** A part of a selection, and what has to hold of the variables for it to count: all gates. */
interface Gated<Part> {
  readonly part: Part;
  readonly gates: readonly VariableGate[];
}

class CostPlanner {
  readonly #variables = new Set<string>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: Fragments,
  ) {}

  plan(operation: OperationDefinitionNode): Plan {
    const root = this.schema.getRootType(operation.operation);
    const below = root ? this.#object(root, [{ part: operation.selectionSet, gates: [] }], null) : 0;
    return {
      cost: sum([prices.request, below]),
      variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) =>
        this.#variables.has(variable.name.value),
      ),
    };
  }

  /** What is selected of one value of a type; `size` is that of the lists that stand directly in it, null when unknown. */
  #selection(type: GraphQLCompositeType, sets: readonly Gated<SelectionSetNode>[], size: Amount | null): Amount {
    return isAbstractType(type)
      ? largest(this.schema.getPossibleTypes(type).map((possible) => this.#object(possible, sets, size)))
      : this.#object(type, sets, size);
  }

  #object(type: GraphQLObjectType, sets: readonly Gated<SelectionSetNode>[], size: Amount | null): Amount {
    const byKey = new Map<string, Gated<FieldNode>[]>();
    const spread = new Set<string>();
    for (const { part, gates } of sets) {
      this.#collect(type, part, gates, byKey, spread);
    }
    return sum([...byKey.values()].map((fields) => this.#field(type, fields, size)));
  }

  /** Fields by the key that they have in the answer, as section 6.3.2 of the GraphQL specification merges them. */
  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    outer: readonly VariableGate[],
    byKey: Map<string, Gated<FieldNode>[]>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      const own = variableGates(selection);
      if (own === null) {
        continue;
      }
      const gates = [...outer, ...own];
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        byKey.set(key, [...(byKey.get(key) ?? []), { part: selection, gates }]);
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : this.fragments[selection.name.value];
      if (fragment === undefined || !appliesTo(this.schema, fragment.typeCondition?.name.value, type)) {
        continue;
      }
      if (selection.kind === 'FragmentSpread') {
        const key = [selection.name.value, ...gates.map(({ name, value }) => `$${name}=${value}`)].join(' ');
        if (spread.has(key)) {
          continue;
        }
        spread.add(key);
      }
      this.#collect(type, fragment.selectionSet, gates, byKey, spread);
    }
  }

  #field(parent: GraphQLObjectType, fields: readonly Gated<FieldNode>[], size: Amount | null): Amount {
    const [{ part: node }] = fields as [Gated<FieldNode>];
    const name = node.name.value;
    const field = parent.getFields()[name];
    if (field === undefined) {
      const introspects = name === '__schema' || name === '__type';
      return introspects ? this.#when(fields, prices.introspection) : 0;
    }
    const own = parent === this.schema.getMutationType() ? prices.mutation : 0;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) {
      return this.#when(fields, own > 0 || !isDecidedByRecord(parent, field) ? own : prices.decision);
    }
    const asked = this.#size(field, node);
    const lists = listsIn(field.type);
    const sets = fields.flatMap(({ part, gates }) =>
      part.selectionSet === undefined ? [] : [{ part: part.selectionSet, gates }],
    );
    const each = sum([prices.object, this.#selection(type, sets, lists === 0 ? asked : null)]);
    const count =
      lists === 0 ? 1 : product(asked ?? size ?? listSizeOf(field) ?? assumedListSize, assumedListSize ** (lists - 1));
    return this.#when(fields, sum([own, product(count, each)]));
  }

  /** How many items a field is asked for; null when it cannot be asked for a number. */
  #size(field: GraphQLField<unknown, unknown>, node: FieldNode): Amount | null {
    const argument = field.args.find(holdsSize);
    if (argument === undefined) {
      return null;
    }
    // The other arguments are left out, because their variables are not coerced.
    const alone = { ...field, args: [argument] };
    const measure = (variables: Variables) => {
      try {
        return sizeIn(getArgumentValues(alone, node, variables)[argument.name]);
      } catch {
        // The field answers with an error then, and with no item.
        return 0;
      }
    };
    const given = node.arguments?.find(({ name }) => name.value === argument.name)?.value;
    const names = given === undefined ? [] : variablesIn(given);
    for (const name of names) {
      this.#variables.add(name);
    }
    return names.length === 0 ? measure({}) : measure;
  }

  /** An amount that counts when all gates of any one of the parts are open. */
  #when(parts: readonly Gated<unknown>[], amount: Amount): Amount {
    if (amount === 0 || parts.some(({ gates }) => gates.length === 0)) {
      return amount;
    }
    for (const { name } of parts.flatMap(({ gates }) => gates)) {
      this.#variables.add(name);
    }
    return (variables) =>
      parts.some(({ gates }) => gates.every((gate) => isOpen(gate, variables))) ? worth(amount, variables) : 0;
  }
}

function isDecidedByRecord(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): boolean {
  return [...guardOf(parent.extensions), ...guardOf(field.extensions)].some(({ kind }) => kind === 'record');
}

/** The name of the argument, or of the field of an input object, that asks for so many items of a list. */
const sizeName = 'first';

function holdsSize({ name, type }: Pick<GraphQLArgument, 'name' | 'type'>): boolean {
  const bare = getNullableType(type);
  if (isInputObjectType(bare)) {
    const field = bare.getFields()[sizeName];
    return field !== undefined && getNullableType(field.type) === GraphQLInt;
  }
  return name === sizeName && bare === GraphQLInt;
}

function sizeIn(value: unknown): number {
  const size = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[sizeName] : value;
  return typeof size === 'number' ? Math.max(0, size) : assumedListSize;
}

function variablesIn(value: ValueNode): string[] {
  const names: string[] = [];
  visit(value, { Variable: ({ name }) => void names.push(name.value) });
  return names;
}

function listsIn(type: GraphQLOutputType): number {
  const bare = getNullableType(type);
  return isListType(bare) ? 1 + listsIn(bare.ofType) : 0;
}
