import { HeaderMap } from '@apollo/server';
import type { FormattedExecutionResult } from 'graphql';

/** The answer of a plugin that decides or executes a request in Apollo's place. */
export function answered(singleResult: FormattedExecutionResult) {
  return { http: { headers: new HeaderMap() }, body: { kind: 'single' as const, singleResult } };
}
