import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf } from '../access/document.js';
import { type Compiled, compile, type Run } from './compile.js';
import { documentLimits } from './limits.js';

/** One operation of a request that has passed the preflight; none when the document has none of the name. */
export interface Execution {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode | undefined;
  readonly operationName: string | undefined;
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
 * Executes operations over a schema: compiled where that succeeds, and by graphql-js, which knows every error, in all
 * other cases. Resolvers and the rules around them are the same for both. Queries only read, so that a second execution
 * finds what the first has found. Compiled operations live as long as their documents.
 */
export function executor(schema: GraphQLSchema): (execution: Execution) => Promise<ExecutionResult> {
  const attempts = new WeakMap<OperationDefinitionNode, Attempt>();
  const attemptOf = (operation: OperationDefinitionNode, document: DocumentNode) => {
    let attempt = attempts.get(operation);
    if (attempt === undefined) {
      attempt = { compiled: compile(schema, operation, fragmentsOf(document)), pausing: 0 };
      attempts.set(operation, attempt);
    }
    return attempt;
  };
  return async ({ document, operation, operationName, variables, context }) => {
    const attempt = operation === undefined ? undefined : attemptOf(operation, document);
    if (attempt?.compiled && attempt.pausing === 0) {
      const { coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], variables);
      const data = coerced === undefined ? null : await succeed(attempt.compiled, coerced, context);
      if (data !== null) {
        return { data };
      }
      attempt.pausing = pause;
    } else if (attempt) {
      attempt.pausing -= 1;
    }
    return execute({
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
      options: { maxCoercionErrors: documentLimits.errors },
    });
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
