import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';

const cache = new WeakMap<FieldNode, ReadonlyMap<string, ReadonlySet<string>>>();

/**
 * The names of the fields of one type that a document asks for anywhere below the field being resolved. Directives are not
 * looked at, so it may name more than will be read, never less.
 */
export function fieldsAsked(info: GraphQLResolveInfo, typeName: string): ReadonlySet<string> {
  const names = info.fieldNodes.map((node) => collected(node, info).get(typeName) ?? nothing);
  return names.length === 1 ? (names[0] ?? nothing) : new Set(names.flatMap((each) => [...each]));
}

const nothing: ReadonlySet<string> = new Set();

function collected(node: FieldNode, info: GraphQLResolveInfo): ReadonlyMap<string, ReadonlySet<string>> {
  let byType = cache.get(node);
  if (byType === undefined) {
    byType = collect(node, info);
    cache.set(node, byType);
  }
  return byType;
}

function collect(node: FieldNode, info: GraphQLResolveInfo): ReadonlyMap<string, ReadonlySet<string>> {
  const byType = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const visit = (set: SelectionSetNode | undefined, type: GraphQLNamedType) => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') {
        const names = byType.get(type.name) ?? new Set();
        byType.set(type.name, names.add(selection.name.value));
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
        if (field !== undefined) {
          visit(selection.selectionSet, getNamedType(field.type));
        }
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : info.fragments[selection.name.value];
      const key = selection.kind === 'FragmentSpread' ? `${selection.name.value} ${type.name}` : '';
      if (fragment === undefined || seen.has(key)) {
        continue;
      }
      if (key !== '') {
        seen.add(key);
      }
      visit(fragment.selectionSet, type);
      const condition = fragment.typeCondition && info.schema.getType(fragment.typeCondition.name.value);
      if (condition && condition !== type) {
        visit(fragment.selectionSet, condition);
      }
    }
  };
  visit(node.selectionSet, getNamedType(info.returnType));
  return byType;
}
