import {
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { alternatives } from './denial.js';
import { introspection, type PresenceRule, type PrincipalRule, type RecordRule } from './rules.js';
import { appliesTo, type VariableGate, variableGates } from './selection.js';
import type { AccessTree } from './tree.js';

/** A condition under which an entry of a plan counts. */
export type Gate =
  | VariableGate
  | { readonly kind: 'presence'; readonly rule: PresenceRule }
  | { readonly kind: 'type'; readonly name: string };

/** One coordinate that a document selects, and what it needs. */
export interface PlanEntry {
  readonly coordinate: string;
  readonly rules: readonly PrincipalRule[];
  /** What is decided at run time, with the record in hand. */
  readonly recordRules: readonly RecordRule[];
  /** All must hold for the entry to count. */
  readonly gates: readonly Gate[];
}

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * What selections need from the principal, coordinate by coordinate, before anything runs. It stops where the answer
 * depends on the run: below a field of an abstract type, and below a field that changes who is asking.
 */
export class Planner {
  readonly #operations = new WeakMap<OperationDefinitionNode, readonly PlanEntry[]>();
  readonly #required = new WeakMap<OperationDefinitionNode, readonly (readonly string[])[]>();
  readonly #selections = new WeakMap<SelectionSetNode, Map<string, readonly PlanEntry[]>>();
  readonly #types = new WeakMap<GraphQLObjectType, readonly PlanEntry[]>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly tree: AccessTree,
  ) {}

  /** The whole operation; cached as long as its syntax tree lives, which the document store bounds. */
  operation(operation: OperationDefinitionNode, fragments: Fragments): readonly PlanEntry[] {
    let plan = this.#operations.get(operation);
    if (plan === undefined) {
      const root = this.schema.getRootType(operation.operation);
      plan = root ? this.#walk(operation.selectionSet, root, fragments) : [];
      this.#operations.set(operation, plan);
    }
    return plan;
  }

  /** The alternatives of abilities that an operation needs, whatever its variables say; cached like its plan. */
  required(operation: OperationDefinitionNode, fragments: Fragments): readonly (readonly string[])[] {
    let required = this.#required.get(operation);
    if (required === undefined) {
      const rules = new Set(this.operation(operation, fragments).flatMap((entry) => entry.rules));
      required = alternatives([...rules].flatMap((rule) => (rule.abilities === undefined ? [] : [rule.abilities])));
      this.#required.set(operation, required);
    }
    return required;
  }

  /** The whole operation with every type that a field of an abstract type may turn out to have, each behind a gate. */
  everything(operation: OperationDefinitionNode, fragments: Fragments): readonly PlanEntry[] {
    const root = this.schema.getRootType(operation.operation);
    return root ? this.#walk(operation.selectionSet, root, fragments, true) : [];
  }

  /** What a selection needs once the type of its object is known. */
  selection(selectionSet: SelectionSetNode, type: GraphQLObjectType, fragments: Fragments): readonly PlanEntry[] {
    let byType = this.#selections.get(selectionSet);
    if (byType === undefined) {
      byType = new Map();
      this.#selections.set(selectionSet, byType);
    }
    let plan = byType.get(type.name);
    if (plan === undefined) {
      plan = this.#walk(selectionSet, type, fragments);
      byType.set(type.name, plan);
    }
    return plan;
  }

  /** What it takes to learn that an object is of a type. */
  type(type: GraphQLObjectType): readonly PlanEntry[] {
    let plan = this.#types.get(type);
    if (plan === undefined) {
      plan = [typeName(type, this.tree)];
      this.#types.set(type, plan);
    }
    return plan;
  }

  #walk(
    selectionSet: SelectionSetNode,
    type: GraphQLObjectType,
    fragments: Fragments,
    everyType = false,
  ): readonly PlanEntry[] {
    const entries = new Map<string, PlanEntry>();
    const seen = new Set<string>();
    const add = (
      coordinate: string,
      rules: readonly PrincipalRule[],
      gates: readonly Gate[],
      recordRules: readonly RecordRule[] = [],
    ) => {
      const key = `${coordinate} ${gates.map(spell).join(' ')}`;
      if (!entries.has(key)) {
        entries.set(key, { coordinate, rules, recordRules, gates });
      }
    };
    const visit = (set: SelectionSetNode, parent: GraphQLObjectType, outer: readonly Gate[]) => {
      for (const selection of set.selections) {
        const own = variableGates(selection);
        if (own === null) {
          continue;
        }
        const gates = own.length === 0 ? outer : [...outer, ...own];
        if (selection.kind !== 'Field') {
          const fragment = selection.kind === 'InlineFragment' ? selection : fragments[selection.name.value];
          if (fragment === undefined || !appliesTo(this.schema, fragment.typeCondition?.name.value, parent)) {
            continue;
          }
          if (selection.kind === 'FragmentSpread') {
            const key = `${selection.name.value} ${parent.name} ${gates.map(spell).join(' ')}`;
            if (seen.has(key)) {
              continue;
            }
            seen.add(key);
          }
          visit(fragment.selectionSet, parent, gates);
          continue;
        }
        const name = selection.name.value;
        if (name === '__typename') {
          const entry = typeName(parent, this.tree);
          add(entry.coordinate, entry.rules, gates);
          continue;
        }
        if (name === '__schema' || name === '__type') {
          add(`${parent.name}.${name}`, [introspection], gates);
          continue;
        }
        const field = parent.getFields()[name];
        if (field === undefined) {
          continue;
        }
        const guarded = this.tree.field(parent.name, name);
        add(guarded.coordinate, guarded.principalRules, gates, guarded.recordRules);
        const below: GraphQLNamedType = getNamedType(field.type);
        if (selection.selectionSet !== undefined && isObjectType(below) && !guarded.changesPrincipal) {
          const inner: readonly Gate[] =
            guarded.presence === null ? gates : [...gates, { kind: 'presence', rule: guarded.presence }];
          visit(selection.selectionSet, below, inner);
        } else if (selection.selectionSet !== undefined && everyType && isAbstractType(below)) {
          for (const possible of this.schema.getPossibleTypes(below)) {
            visit(selection.selectionSet, possible, [...gates, { kind: 'type', name: possible.name }]);
          }
        }
      }
    };
    visit(selectionSet, type, []);
    return [...entries.values()];
  }
}

function typeName({ name }: GraphQLObjectType, tree: AccessTree): PlanEntry {
  return { coordinate: `${name}.__typename`, rules: tree.typeRules.get(name) ?? [], recordRules: [], gates: [] };
}

function spell(gate: Gate): string {
  switch (gate.kind) {
    case 'variable':
      return `$${gate.name}=${gate.value}`;
    case 'presence':
      return gate.rule.name;
    case 'type':
      return gate.name;
  }
}
