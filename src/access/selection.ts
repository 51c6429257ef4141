import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  type SelectionNode,
} from 'graphql';

/** A variable that a `@skip` or an `@include` asks, and the value under which the selection stays. */
export interface VariableGate {
  readonly kind: 'variable';
  readonly name: string;
  readonly value: boolean;
}

/** What the directives of a selection ask of variables, or null when a literal leaves it out. */
export function variableGates({ directives }: SelectionNode): readonly VariableGate[] | null {
  const gates: VariableGate[] = [];
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') {
      continue;
    }
    const condition = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const wanted = name === 'include';
    if (condition?.kind === 'BooleanValue' && condition.value !== wanted) {
      return null;
    }
    if (condition?.kind === 'Variable') {
      gates.push({ kind: 'variable', name: condition.name.value, value: wanted });
    }
  }
  return gates;
}

/** Whether a gate lets a selection stay; a value that is no boolean leaves it in, so that a doubt never opens anything. */
export function isOpen({ name, value }: VariableGate, variables: Readonly<Record<string, unknown>>): boolean {
  const given = variables[name];
  return typeof given !== 'boolean' || given === value;
}

/** Whether a fragment with this type condition counts for objects of a type. */
export function appliesTo(schema: GraphQLSchema, condition: string | undefined, parent: GraphQLObjectType): boolean {
  if (condition === undefined || condition === parent.name) {
    return true;
  }
  const type = schema.getType(condition) as GraphQLCompositeType | undefined;
  return type !== undefined && isCompositeType(type) && isAbstractType(type) && schema.isSubType(type, parent);
}
