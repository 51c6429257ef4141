import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { watchedFetch } from './connection.js';
import { freshReads } from './fresh.js';

/** A client with nothing in its cache; a new one for each user, so that nobody sees what was another's. */
export function createClient(): Client {
  return new Client({
    url: '/graphql',
    fetch: watchedFetch,
    // With the newer media type a refusal is a failed request to the browser, and stands in its log as one.
    fetchOptions: { credentials: 'same-origin', headers: { accept: 'application/json' } },
    preferGetMethod: false,
    // What was read before is shown at once and read again.
    requestPolicy: 'cache-and-network',
    exchanges: [cacheExchange, freshReads(), fetchExchange],
  });
}
