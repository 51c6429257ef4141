import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { serviceUnavailable } from '../errors.js';

/** The share of V8's limit at which it collects almost without a pause, and would soon give up. */
const heapShare = 0.9;

/** Long enough for one pause, however long, to be outweighed by the time around it. */
const sampleMs = 2_000;

/** For routes that answer under overload too: whoever watches the server must not take it for dead. */
export const evenOverloaded = { pressureHandler: () => undefined };

/**
 * Turns requests away with `SERVICE_UNAVAILABLE`, before anything of them is read, while the event loop lags by more than
 * so many milliseconds on the average of two seconds, or the heap is nearly full. A limit of 0 never does for the lag.
 */
export async function refuseUnderOverload(app: FastifyInstance, maxDelayMs: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    maxHeapUsedBytes: heapShare * getHeapStatistics().heap_size_limit,
    customError: Overloaded,
    sampleInterval: sampleMs,
  });
}

/** The plugin makes one, and throws it for every request. */
const Overloaded = function overloaded() {
  return serviceUnavailable('overload');
} as unknown as new () => Error;
