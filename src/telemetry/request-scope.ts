import { AsyncLocalStorage } from 'node:async_hooks';

/** The request that some work belongs to, however deep in promises and callbacks it is done. */
export interface RequestScope {
  /** As in `X-Request-Id`. */
  readonly id: string;
}

/** Holds a scope from the moment a request has arrived whole; timers and jobs of the server have none. */
export const requestScope = new AsyncLocalStorage<RequestScope>();
