import { type Exchange, makeOperation, mapExchange } from '@urql/core';
import { watchedFetch } from './connection.js';

/**
 * What is read while a change ends may be from before it, and nobody would read it again: the cache has given up on it
 * already. Such an answer counts for nothing, and the question is asked once more.
 */
export function freshReads(): Exchange {
  let changes = 0;

  const read: typeof fetch = async (input, init) => {
    const before = changes;
    const response = await watchedFetch(input, init);
    const body = await response.text();
    return changes === before ? new Response(body, response) : read(input, init);
  };

  return mapExchange({
    onOperation: (operation) =>
      operation.kind === 'query' ? makeOperation('query', operation, { ...operation.context, fetch: read }) : operation,
    onResult: ({ operation }) => {
      if (operation.kind === 'mutation') {
        changes += 1;
      }
    },
  });
}
