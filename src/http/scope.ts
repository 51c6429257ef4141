import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requestScope } from '../telemetry/request-scope.js';
import type { RequestTrace, Traces } from '../telemetry/traces.js';
import { clientAddress } from './client-address.js';

const traceKey = Symbol('trace');

declare module 'fastify' {
  interface FastifyRequest {
    [traceKey]: RequestTrace | null;
  }
}

/** Probes come every few seconds, and nobody wants to read of them. */
const untraced = new Set(['/livez', '/readyz', '/metrics']);

/** Gives requests a trace, if somebody collects traces: from their first header to the end of their answer. */
export function traceRequests(app: FastifyInstance, traces: Traces | null): void {
  app.decorateRequest(traceKey, null);
  if (traces === null) {
    return;
  }
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? null;
    if (route === null || !untraced.has(route)) {
      const trace = traces.begin({
        id: request.id,
        method: request.method,
        path: pathOf(request),
        route,
        scheme: request.protocol,
        ip: clientAddress(request),
        headers: request.headers,
      });
      request[traceKey] = trace;
      request.log = request.log.child(trace.ids);
      reply.log = request.log;
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    request[traceKey]?.end(reply.statusCode);
    done();
  });
}

/** Runs the rest of a request in its scope. It has to be the last hook before the handlers: a body that arrives loses it. */
export function scopeRequests(app: FastifyInstance): void {
  app.addHook('preHandler', (request, _reply, done) =>
    requestScope.run({ id: request.id, trace: request[traceKey] }, done),
  );
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
