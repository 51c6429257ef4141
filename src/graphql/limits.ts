import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import type { GraphQLError, ValidationContext } from 'graphql';

/** Reports instead of throwing, so that an excess is an ordinary validation error. */
const report = {
  propagateOnRejection: false,
  onReject: [(context: ValidationContext | null, error: GraphQLError) => context?.reportError(error)],
};

/** What a document may look like at most; anything beyond is refused before it is validated further. */
export const documentLimits = {
  tokens: 1_000,
  depth: 8,
  aliases: 15,
  directives: 10,
  recursiveSelections: 1_000,
  errors: 5,
} as const;

export const limitRules = [
  maxDepthRule({ n: documentLimits.depth, ignoreIntrospection: true, flattenFragments: true, ...report }),
  maxAliasesRule({ n: documentLimits.aliases, allowList: [], ...report }),
  maxDirectivesRule({ n: documentLimits.directives, ...report }),
];
