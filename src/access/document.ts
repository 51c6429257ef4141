import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { type LatchkeyError, limitExceeded } from '../errors.js';

/** What a document may be at most, so that it is read at all. */
export interface ReadingLimits {
  readonly maxTokens: number;
  readonly rules: readonly ValidationRule[];
}

/** One operation of a document that is valid against the schema. */
export interface ReadDocument {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** What came of a document, and how many tokens were read for it; those of one that does not parse are not counted. */
export type Reading = (ReadDocument | { readonly errors: readonly GraphQLError[] }) & { readonly tokens: number };

/** Parses and validates; the errors of a document that is neither, as data. */
export function readDocument(
  schema: GraphQLSchema,
  text: string,
  operationName: string | null,
  limits: ReadingLimits,
): Reading {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.maxTokens });
  } catch (error) {
    const told = tokenLimit(error) ?? (error instanceof GraphQLError ? error : new GraphQLError(String(error)));
    return { errors: [told], tokens: 0 };
  }
  const tokens = document.tokenCount ?? limits.maxTokens;
  const errors = validate(schema, document, [...specifiedRules, ...limits.rules], { maxErrors: 5 });
  if (errors.length > 0) {
    return { errors, tokens };
  }
  const operation = getOperationAST(document, operationName);
  if (operation == null) {
    const problem = operationName === null ? 'Name one of its operations.' : 'It has no operation of that name.';
    return { errors: [new GraphQLError(problem)], tokens };
  }
  return { operation, fragments: fragmentsOf(document), tokens };
}

/** In place of the syntax error of graphql-js, which tells too many tokens in words only; null for other errors. */
export function tokenLimit(error: unknown): LatchkeyError | null {
  const [, limit] = (error instanceof GraphQLError && /more that (\d+) tokens/.exec(error.message)) || [];
  return limit === undefined ? null : limitExceeded('TOKEN_LIMIT', Number(limit), Number(limit) + 1);
}

const fragments = new WeakMap<DocumentNode, ReadDocument['fragments']>();

/** The fragments of a document by name, gathered once for as long as the document is kept. */
export function fragmentsOf(document: DocumentNode): ReadDocument['fragments'] {
  let byName = fragments.get(document);
  if (byName === undefined) {
    byName = Object.fromEntries(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
    fragments.set(document, byName);
  }
  return byName;
}
