import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useContext, useEffect, useMemo, useRef } from 'react';
import { useQuery } from 'urql';
import { isConnectionLost, onConnectionChange } from './connection.js';
import { type Failure, failureOf } from './failure.js';
import { SessionLost } from './session-lost.js';

/** What a query has brought so far. */
export interface Reading<Data> {
  /** Undefined until the first answer. */
  readonly data: Data | undefined;
  /** Why the last attempt failed; data of an earlier one stays. */
  readonly failure: Failure | null;
  /** Whether an answer is awaited; with data in hand, a newer one. */
  readonly loading: boolean;
  /** Whether the data are still those of another question, shown until this one is answered. */
  readonly former: boolean;
  /** Asks the server again. */
  readonly again: () => void;
}

interface ReadOptions {
  /** Types of the records, for lists that may be empty: changes that touch them make the query run again. */
  readonly types?: readonly string[];
  /** Waits while true. */
  readonly paused?: boolean;
}

/** Runs a query now, when its variables change, when what it reads is changed, and once a lost connection is back. */
export function useRead<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { types, paused = false }: ReadOptions = {},
): Reading<Data> {
  const spelled = types?.join(' ');
  const context = useMemo(
    () => (spelled === undefined ? undefined : { additionalTypenames: spelled.split(' ') }),
    [spelled],
  );
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, AnyVariables>({
    query: document,
    variables,
    pause: paused,
    context,
  });
  const failure = useMemo(() => (error === undefined ? null : failureOf(error)), [error]);
  const again = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const signInAgain = useContext(SessionLost);
  const code = failure?.code;

  useEffect(() => {
    if (code === 'CONNECTION_LOST') {
      return onConnectionChange(() => isConnectionLost() || again());
    }
    if (code === 'UNAUTHENTICATED') {
      void signInAgain().then((signedIn) => signedIn && again());
    }
  }, [code, again, signInAgain]);

  const asked = JSON.stringify(variables);
  const last = useRef<{ readonly asked: string; readonly data: Data } | null>(null);
  if (data !== undefined && !fetching) {
    last.current = { asked, data };
  }
  // An attempt that fails takes the data away, and with them whatever is typed into a form that shows them.
  const kept = last.current?.asked === asked ? last.current.data : undefined;
  const former = fetching && data !== undefined && last.current?.asked !== asked;
  return { data: data ?? kept, failure, loading: fetching || stale, former, again };
}
