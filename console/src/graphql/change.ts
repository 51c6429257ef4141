import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useContext, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failureOf } from './failure.js';
import { SessionLost } from './session-lost.js';

/** How a mutation ended. */
export type Outcome<Data> =
  | { readonly data: Data; readonly failure: null }
  | { readonly data: null; readonly failure: Failure };

export interface Change<Data, Variables> {
  /** Runs the mutation; never throws. A lost session leads to signing in and then to a second attempt. */
  readonly run: (variables: Variables) => Promise<Outcome<Data>>;
  readonly busy: boolean;
}

interface ChangeOptions {
  /** Types of the records that it changes; every `useRead` that shows some of them reads again. */
  readonly touches?: readonly string[];
}

/** A mutation, and whether it is under way. It is not repeated by itself when the connection is lost. */
export function useChange<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { touches = [] }: ChangeOptions = {},
): Change<Data, Variables> {
  const client = useClient();
  const signInAgain = useContext(SessionLost);
  const [busy, setBusy] = useState(false);
  const spelled = touches.join(' ');

  const run = useCallback(
    async (variables: Variables) => {
      const additionalTypenames = spelled === '' ? [] : spelled.split(' ');
      const attempt = async (): Promise<Outcome<Data>> => {
        const { data, error } = await client.mutation<Data>(document, variables, { additionalTypenames }).toPromise();
        return error === undefined && data !== undefined
          ? { data, failure: null }
          : { data: null, failure: failureOf(error) };
      };
      setBusy(true);
      const outcome = await attempt();
      const lost = outcome.failure?.code === 'UNAUTHENTICATED' && (await signInAgain());
      const last = lost ? await attempt() : outcome;
      setBusy(false);
      return last;
    },
    [client, document, spelled, signInAgain],
  );
  return { run, busy };
}
