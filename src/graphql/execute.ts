import { type DocumentNode, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';
import { fragmentsOf } from '../access/document.js';
import { type Compiled, compile, type Run } from './compile.js';

/** One operation of a request that has passed the preflight. */
export interface Execution {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
}

/** After one that did not simply succeed, so many executions of the same operation do not try again. */
const pause = 16;

interface Attempt {
  readonly compiled: Compiled | null;
  pausing: number;
}

/**
 * Executes what can be compiled: the data of a query that simply succeeds, and null for everything else, which graphql-js
 * then has to execute from the start. Resolvers and the rules around them are the same for both. Queries only read, so a
 * second execution finds what the first has found. Compiled operations live as long as their documents.
 */
export function quickExecutor(
  schema: GraphQLSchema,
): (execution: Execution) => Promise<Record<string, unknown> | null> {
  const attempts = new WeakMap<OperationDefinitionNode, Attempt>();
  return async ({ document, operation, variables, context }) => {
    let attempt = attempts.get(operation);
    if (attempt === undefined) {
      attempt = { compiled: compile(schema, operation, fragmentsOf(document)), pausing: 0 };
      attempts.set(operation, attempt);
    }
    if (attempt.compiled === null) {
      return null;
    }
    if (attempt.pausing > 0) {
      attempt.pausing -= 1;
      return null;
    }
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
      // The first is enough to leave it to graphql-js.
      maxErrors: 1,
    });
    const data = coerced === undefined ? null : await succeed(attempt.compiled, coerced, context);
    if (data === null) {
      attempt.pausing = pause;
    }
    return data;
  };
}

/** The data, or null when anything at all went wrong. */
function succeed(
  compiled: Compiled,
  variables: Record<string, unknown>,
  context: unknown,
): Promise<Record<string, unknown> | null> {
  return new Promise((resolve) => {
    let data: Record<string, unknown> | null = null;
    let waiting = 1;
    const arrive = () => {
      waiting -= 1;
      if (waiting === 0) {
        resolve(data);
      }
    };
    const fail = () => resolve(null);
    const wait: Run['wait'] = (value, goOn) => {
      waiting += 1;
      value.then((settled) => {
        try {
          goOn(settled);
          arrive();
        } catch {
          fail();
        }
      }, fail);
    };
    try {
      data = compiled({ context, variables, wait, fail });
      arrive();
    } catch {
      fail();
    }
  });
}
