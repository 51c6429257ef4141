import type { FastifyInstance } from 'fastify';
import { type Metrics, noMetrics } from '../telemetry/metrics.js';

export const metricsKey = Symbol('metrics');

declare module 'fastify' {
  interface FastifyInstance {
    [metricsKey]: Metrics;
  }
}

/** Counts every answer of the server, at whatever address. */
export function countAnswers(app: FastifyInstance, metrics: Metrics): void {
  app.decorate(metricsKey, metrics);
  if (metrics === noMetrics) {
    return;
  }
  app.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions;
    metrics.answered(url?.startsWith('/assets/') ? '/assets/*' : (url ?? null), reply.statusCode);
    done();
  });
}
