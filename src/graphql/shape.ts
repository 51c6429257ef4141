import type { FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/** How much an operation asks for, with everything in its fragments wherever they are spread. */
export interface Shape {
  /** Levels of fields, introspection left out. */
  readonly depth: number;
  /** Levels of fields from `__schema` or `__type` on. */
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly selections: number;
  /** The fields of the root type by the keys that they have in the answer. */
  readonly rootFields: ReadonlyMap<string, FieldNode>;
}

type Fragment = (name: string) => FragmentDefinitionNode | null | undefined;
type Counts = Omit<Shape, 'rootFields'>;

const none: Counts = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, selections: 0 };

/** Measures an operation in one pass over its document, however often it spreads a fragment; the document may be invalid. */
export function shapeOf(operation: OperationDefinitionNode, fragment: Fragment): Shape {
  const counts = new Measure(fragment).selections(operation.selectionSet);
  const variables = operation.variableDefinitions ?? [];
  const around = [operation, ...variables].reduce((sum, { directives }) => sum + (directives?.length ?? 0), 0);
  return {
    ...counts,
    directives: counts.directives + around,
    rootFields: rootFields(operation.selectionSet, fragment),
  };
}

class Measure {
  /** Null while a fragment is being measured: one that spreads itself is refused by another rule. */
  readonly #fragments = new Map<string, Counts | null>();

  constructor(private readonly fragment: Fragment) {}

  selections(set: SelectionSetNode | undefined): Counts {
    const sum = { ...none };
    for (const selection of set?.selections ?? []) {
      const below =
        selection.kind === 'FragmentSpread'
          ? this.#spread(selection.name.value)
          : this.selections(selection.selectionSet);
      const own = selection.kind === 'Field' ? this.#levels(selection, below) : below;
      sum.depth = Math.max(sum.depth, own.depth);
      sum.introspectionDepth = Math.max(sum.introspectionDepth, own.introspectionDepth);
      sum.aliases += below.aliases + (selection.kind === 'Field' && selection.alias !== undefined ? 1 : 0);
      sum.directives += below.directives + (selection.directives?.length ?? 0);
      sum.selections += below.selections + 1;
    }
    return sum;
  }

  #levels({ name }: FieldNode, { depth, introspectionDepth }: Counts): Pick<Counts, 'depth' | 'introspectionDepth'> {
    return name.value === '__schema' || name.value === '__type'
      ? { depth: 0, introspectionDepth: Math.max(depth, introspectionDepth) + 1 }
      : { depth: depth + 1, introspectionDepth };
  }

  #spread(name: string): Counts {
    let counts = this.#fragments.get(name);
    if (counts === undefined) {
      this.#fragments.set(name, null);
      const definition = this.fragment(name);
      const inside = this.selections(definition?.selectionSet);
      counts = { ...inside, directives: inside.directives + (definition?.directives?.length ?? 0) };
      this.#fragments.set(name, counts);
    }
    return counts ?? none;
  }
}

function rootFields(root: SelectionSetNode, fragment: Fragment): Map<string, FieldNode> {
  const fields = new Map<string, FieldNode>();
  const spread = new Set<string>();
  const collect = (set: SelectionSetNode | undefined) => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') {
        fields.set(selection.alias?.value ?? selection.name.value, selection);
      } else if (selection.kind === 'InlineFragment') {
        collect(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        collect(fragment(selection.name.value)?.selectionSet);
      }
    }
  };
  collect(root);
  return fields;
}
