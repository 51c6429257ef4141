import { useGraphiQL } from '@graphiql/react';
import { CombinedError } from '@urql/core';
import { print } from 'graphql';
import { useContext, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { AccessPlanDocument, type AccessPlanQuery } from '../../../../schema/documents.js';
import { isConnectionLost, onConnectionChange } from '../../graphql/connection.js';
import { type Failure, failureOf } from '../../graphql/failure.js';
import { SessionLost } from '../../graphql/session-lost.js';
import { chosenOperation, operationNamesIn } from './operations.js';
import { send } from './send.js';

export type Plan = AccessPlanQuery['accessPlan'];

/** What is known of what the document in the editor needs. */
export interface Planning {
  /** Of the last document that could be planned; null before the first. */
  readonly plan: Plan | null;
  /** Whether the document has moved on since: it is being written, or its plan is under way. */
  readonly stale: boolean;
  readonly failure: Failure | null;
  /** Those that the document has, by name; the one that is planned and run is among them. */
  readonly operationNames: readonly string[];
  readonly operationName: string | null;
}

const pauseMs = 300;
const query = print(AccessPlanDocument);

/** Plans the document in the editor while it is written, for whoever the header says; undefined waits. */
export function usePlan(runAs: string | null | undefined): Planning {
  const { document, chosen } = useGraphiQL(({ tabs, activeTabIndex, operationName }) => ({
    document: tabs[activeTabIndex]?.query ?? '',
    chosen: operationName ?? null,
  }));
  const operationNames = useMemo(() => operationNamesIn(document), [document]);
  const operationName = chosenOperation(operationNames, chosen);
  const [known, setKnown] = useState<{ plan: Plan; of: string } | null>(null);
  const [refusal, setRefusal] = useState<{ failure: Failure | null; runAs: string | null }>({
    failure: null,
    runAs: null,
  });
  // What was refused to a token says nothing of anybody else.
  const failure = refusal.runAs === runAs ? refusal.failure : null;
  const [attempt, again] = useReducer((count: number) => count + 1, 0);
  const signInAgain = useContext(SessionLost);
  const of = JSON.stringify([runAs, operationName, document]);
  const waitMs = useRef(0);
  const canBePlanned = operationNames !== null && runAs !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks the same again.
  useEffect(() => {
    if (!canBePlanned) {
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      waitMs.current = pauseMs;
      const answer = await planned(document, operationName, runAs, controller.signal);
      if (controller.signal.aborted) {
        return;
      }
      setRefusal({ failure: answer.failure, runAs });
      if (answer.plan?.valid) {
        setKnown({ plan: answer.plan, of });
      }
    }, waitMs.current);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [of, canBePlanned, attempt]);

  const code = failure?.code;
  useEffect(() => {
    if (code === 'CONNECTION_LOST') {
      return onConnectionChange(() => isConnectionLost() || again());
    }
    // Whoever runs as a token may be refused for the token's sake, which signing in does not mend.
    if (code === 'UNAUTHENTICATED' && runAs === null) {
      void signInAgain().then((signedIn) => signedIn && again());
    }
  }, [code, runAs, signInAgain]);

  return {
    plan: known?.plan ?? null,
    stale: known?.of !== of,
    failure,
    operationNames: operationNames ?? [],
    operationName,
  };
}

async function planned(
  document: string,
  operationName: string | null,
  runAs: string | null,
  signal: AbortSignal,
): Promise<{ plan: Plan | null; failure: Failure | null }> {
  try {
    const { data, errors } = await send<AccessPlanQuery>(
      { query, variables: { document, operationName } },
      { runAs, signal },
    );
    return errors === undefined && data != null
      ? { plan: data.accessPlan, failure: null }
      : { plan: null, failure: failureOf(new CombinedError({ graphQLErrors: [...(errors ?? [])] })) };
  } catch {
    return { plan: null, failure: failureOf(undefined) };
  }
}
