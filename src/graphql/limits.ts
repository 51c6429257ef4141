import { Kind, type ValidationRule } from 'graphql';
import type { ReadingLimits } from '../access/document.js';
import type { AccessTree } from '../access/tree.js';
import type { Config } from '../config.js';
import { limitExceeded } from '../errors.js';
import { forgetPlaces } from './places.js';
import { type Shape, shapeOf } from './shape.js';

/** What a document may have at most. */
export type DocumentLimits = Config['limits'];

/** Enough for the introspection of the usual tools, which ask for nine wrappers of a type: 15 levels. */
const introspectionDepth = 16;

/** How many errors a document that is not valid is told. */
export const errorsTold = 5;

/** Validation that refuses a document for each limit that it exceeds, in any spelling, before the next steps see it. */
export function limitRule(limits: DocumentLimits, tree: AccessTree): ValidationRule {
  return (context) => {
    const hold = (code: Parameters<typeof limitExceeded>[0], limit: number, value: number, coordinate?: string) => {
      if (value > limit) {
        context.reportError(limitExceeded(code, limit, value, coordinate));
      }
    };
    return {
      Document: {
        enter: ({ definitions }) => {
          const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length;
          hold('FRAGMENT_LIMIT', limits.fragments, fragments);
        },
        leave: forgetPlaces,
      },
      OperationDefinition: (operation) => {
        const shape = shapeOf(operation, (name) => context.getFragment(name));
        hold('SELECTION_LIMIT', limits.selections, shape.selections);
        hold('DEPTH_LIMIT', limits.depth, shape.depth);
        hold('DEPTH_LIMIT', introspectionDepth, shape.introspectionDepth);
        hold('ALIAS_LIMIT', limits.aliases, shape.aliases);
        hold('DIRECTIVE_LIMIT', limits.directives, shape.directives);
        hold('ROOT_FIELD_LIMIT', limits.rootFields, shape.rootFields.size);
        const root = context.getSchema().getRootType(operation.operation)?.name;
        for (const [coordinate, times] of sensitive(shape, root ?? '', tree)) {
          hold('SENSITIVE_MUTATION_LIMIT', 1, times, coordinate);
        }
      },
    };
  };
}

/** The same limits for a document that is only read. */
export function readingLimits(limits: DocumentLimits, tree: AccessTree): ReadingLimits {
  return { maxTokens: limits.tokens, rules: [limitRule(limits, tree)] };
}

/** How often an operation selects each of the fields that it may select once. */
function sensitive({ rootFields }: Shape, root: string, tree: AccessTree): Map<string, number> {
  const times = new Map<string, number>();
  for (const { name } of rootFields.values()) {
    const coordinate = `${root}.${name.value}`;
    if (tree.fields.get(coordinate)?.oncePerRequest) {
      times.set(coordinate, (times.get(coordinate) ?? 0) + 1);
    }
  }
  return times;
}
