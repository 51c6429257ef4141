import type { ApolloServerPlugin } from '@apollo/server';
import { requestScope } from '../telemetry/request-scope.js';
import type { Context } from './context.js';

/** Makes one span of every operation, with its type and name and without its document. */
export function tracePlugin(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      const end = requestScope.getStore()?.trace?.operation();
      return end === undefined
        ? undefined
        : {
            willSendResponse: async ({ operation, operationName, response: { body } }) => {
              const code = body.kind === 'single' ? body.singleResult.errors?.[0]?.extensions?.code : undefined;
              end({
                type: operation?.operation,
                name: operationName,
                error: code === undefined ? undefined : String(code),
              });
            },
          };
    },
  };
}
