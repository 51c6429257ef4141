import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serviceUnavailable } from '../errors.js';
import { Admission } from './admission.js';

/** The share of V8's limit at which it collects almost without a pause, and would soon give up. */
const heapShare = 0.9;

/** Long enough for one pause, however long, to be outweighed by the time around it. */
const sampleMs = 2_000;

/** For routes that answer under overload too: whoever watches the server must not take it for dead. */
export const evenOverloaded = { pressureHandler: () => undefined };

const leaveKey = Symbol('leave');

declare module 'fastify' {
  interface FastifyRequest {
    [leaveKey]: (() => void) | null;
  }
}

/** When the server does not take on more work. */
export interface OverloadLimits {
  /** Milliseconds by which the event loop may lag, on the average of two seconds; 0 for no limit. */
  readonly maxEventLoopDelayMs: number;
  /** Requests that may be under way. */
  readonly maxRequestsAtOnce: number;
}

/**
 * Turns requests away with `SERVICE_UNAVAILABLE`, before their bodies are read, while too many others are under way, the
 * event loop lags or the heap is nearly full.
 */
export async function refuseUnderOverload(app: FastifyInstance, limits: OverloadLimits): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: limits.maxEventLoopDelayMs,
    maxHeapUsedBytes: heapShare * getHeapStatistics().heap_size_limit,
    customError: Overloaded,
    sampleInterval: sampleMs,
  });
  limitRequestsAtOnce(app, limits.maxRequestsAtOnce);
}

/**
 * Counts a request from the moment it has arrived whole until its answer is ready. Neither a body that comes slowly nor
 * an answer that nobody reads takes the place of others.
 */
function limitRequestsAtOnce(app: FastifyInstance, limit: number): void {
  const admission = new Admission(limit);
  const refused = serviceUnavailable('overload');
  const isFull = (request: FastifyRequest) => admission.isFull && !isExempt(request);
  app.decorateRequest(leaveKey, null);
  app.addHook('onRequest', (request, _reply, done) => done(isFull(request) ? refused : undefined));
  app.addHook('preHandler', (request, reply, done) => {
    // Many may have come in between.
    if (isFull(request)) {
      done(refused);
      return;
    }
    admission.enter();
    request[leaveKey] = () => {
      admission.leave(reply.statusCode < 500);
      request[leaveKey] = null;
    };
    // A client that hangs up may keep the handler from ever being called.
    reply.raw.once('close', () => request[leaveKey]?.());
    done();
  });
  app.addHook('onSend', (request, _reply, _payload, done) => {
    request[leaveKey]?.();
    done();
  });
  app.addHook('onClose', async () => admission.stop());
}

function isExempt({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as Partial<typeof evenOverloaded>).pressureHandler === evenOverloaded.pressureHandler;
}

/** The plugin makes one, and throws it for every request. */
const Overloaded = function overloaded() {
  return serviceUnavailable('overload');
} as unknown as new () => Error;
