import type { ExecutionResult } from 'graphql';
import { watchedFetch } from '../../graphql/connection.js';

/** What a client sends to the endpoint. */
export interface Operation {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: string | null | undefined;
}

interface SendOptions {
  /** The value of `X-Run-As`; null to be oneself. */
  readonly runAs: string | null;
  readonly signal?: AbortSignal;
}

/**
 * Sends an operation past the console's client: that one takes the same document for the same question, and here the
 * answer depends on who asks. Throws when nobody answers.
 */
export async function send<Data>(operation: Operation, { runAs, signal }: SendOptions): Promise<ExecutionResult<Data>> {
  const response = await watchedFetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'content-type': 'application/json',
      // With the newer media type a refusal is a failed request to the browser, and stands in its log as one.
      accept: 'application/json',
      ...(runAs === null ? {} : { 'x-run-as': runAs }),
    },
    body: JSON.stringify(operation),
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()) as ExecutionResult<Data>;
}
