import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { RequestTrace } from './traces.js';

/** The request that some work belongs to, however deep in promises and callbacks it is done. */
export interface RequestScope {
  /** As in `X-Request-Id`. */
  readonly id: string;
  /** Null unless somebody collects traces. */
  readonly trace: RequestTrace | null;
}

/** Holds a scope from the moment a request has arrived whole; timers and jobs of the server have none. */
export const requestScope = new AsyncLocalStorage<RequestScope>();

/** Keeps a callback in the scope of now, where that makes a difference. */
export function inThisScope(callback: () => void): () => void {
  return requestScope.getStore()?.trace ? AsyncResource.bind(callback) : callback;
}

/** Puts a statement that has just been sent into the trace of its request, if there is one. */
export function followStatement<T>(text: string, running: Promise<T>): Promise<T> {
  const trace = requestScope.getStore()?.trace;
  return trace ? followed(trace, text, running) : running;
}

async function followed<T>(trace: RequestTrace, text: string, running: Promise<T>): Promise<T> {
  const since = performance.now();
  try {
    const result = await running;
    trace.statement(text, since, null);
    return result;
  } catch (error) {
    trace.statement(text, since, kindOf(error));
    throw error;
  }
}

function kindOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '_OTHER';
}
