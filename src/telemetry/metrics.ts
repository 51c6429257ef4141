import type { Reason } from './reasons.js';

/** How far an operation came: without errors, with some beside its data, with nothing left of the data, or it never ran. */
export type Outcome = 'ok' | 'partial' | 'failed' | 'refused';

/** What was asked for; `none` where no operation could be read. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

/** How one request to the GraphQL endpoint ended; whoever learns it first fills it in. */
export interface Ending {
  operation: OperationKind;
  outcome: Outcome;
}

/** Takes down what happens. Every argument comes from a closed set, so that no client can make a series of its own. */
export interface Metrics {
  /** An answer at an address; `route` is its pattern, or null where there is none. */
  answered(route: string | null, status: number): void;
  /** An answer of the GraphQL endpoint, and the seconds that it took. */
  operated(ending: Ending, status: number, seconds: number): void;
  /** An error that a client is told, and what it is not told of it. */
  told(code: string, reason: Reason | null): void;
  /** Abilities that a token lacked for its document. */
  lacked(abilities: readonly string[]): void;
  /** A credential that was passed over without an error. */
  passedOver(reason: Reason): void;
  /** Bytes that were no request, or came too slowly. */
  connectionRefused(): void;
  /** A promise that failed and that its request had let go of. */
  promiseLost(): void;
}

const nothing = () => {};

/** For a server whose metrics nobody reads. */
export const noMetrics: Metrics = {
  answered: nothing,
  operated: nothing,
  told: nothing,
  lacked: nothing,
  passedOver: nothing,
  connectionRefused: nothing,
  promiseLost: nothing,
};
