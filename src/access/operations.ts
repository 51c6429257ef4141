import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  Source,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { type ReadingLimits, tokenLimit } from './document.js';

/** A text with GraphQL in it, and where it comes from. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** One operation of many files with the fragments that it uses, whichever file they are in. */
export interface FoundOperation {
  readonly file: string;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly errors: readonly GraphQLError[];
}

/** Reads the operations of files as a client's build does; an operation that is not valid comes with its errors. */
export function findOperations(
  schema: GraphQLSchema,
  sources: readonly SourceText[],
  limits: ReadingLimits,
): FoundOperation[] {
  const documents = sources.map(({ name, text }) => ({ name, document: parse(new Source(text, name)) }));
  const known = new Map(
    documents.flatMap(({ document }) =>
      document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
    ),
  );
  return documents.flatMap(({ name, document }) =>
    document.definitions
      .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((operation) => {
        const fragments = used(operation, known);
        const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] };
        return {
          file: name,
          operation,
          fragments: Object.fromEntries(fragments),
          errors:
            tooLong(whole, limits.maxTokens) ??
            validate(schema, whole, [...specifiedRules, ...limits.rules], { maxErrors: 5 }),
        };
      }),
  );
}

/** A file may hold many operations; only what a client sends with one of them counts. Null when that is short enough. */
function tooLong(document: DocumentNode, maxTokens: number): readonly GraphQLError[] | null {
  try {
    parse(print(document), { maxTokens });
    return null;
  } catch (error) {
    const refusal = tokenLimit(error);
    if (refusal === null) {
      throw error;
    }
    return [refusal];
  }
}

/** The fragments that an operation spreads, and those that they spread. */
function used(
  operation: OperationDefinitionNode,
  known: ReadonlyMap<string, FragmentDefinitionNode>,
): Map<string, FragmentDefinitionNode> {
  const found = new Map<string, FragmentDefinitionNode>();
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = known.get(name.value);
        if (fragment !== undefined && !found.has(name.value)) {
          found.set(name.value, fragment);
          collect(fragment);
        }
      },
    });
  };
  collect(operation);
  return found;
}
