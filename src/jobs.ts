import type { FastifyBaseLogger } from 'fastify';
import { pruneAuditEvents } from './auth/audit-retention.js';
import type { Services } from './graphql/context.js';
import type { Module } from './module.js';

const dayMs = 86_400_000;
const firstMs = 60_000;

/** Deletes daily what is of no use any more: expired sessions and counters, old audit events, and whatever the modules name. */
export function startPruning(services: Services, modules: readonly Module[], log: FastifyBaseLogger): { stop(): void } {
  const run = async () => {
    const now = new Date();
    try {
      await services.counters.prune(now.getTime());
      const counts: Record<string, number> = { sessions: await services.sessions.prune(now) };
      counts.auditEvents = await pruneAuditEvents(services.em, services.config.auditRetentionDays, now);
      for (const module of modules) {
        if (module.prune !== undefined) {
          counts[module.name] = await module.prune(services.em, now);
        }
      }
      log.info({ deleted: counts }, 'pruned');
    } catch (error) {
      log.warn({ err: error }, 'pruning failed; the next try is tomorrow');
    }
  };
  // Soon after the start too, so that a server that is restarted every day prunes as well.
  const first = setTimeout(() => void run(), firstMs).unref();
  const daily = setInterval(() => void run(), dayMs).unref();
  return {
    stop: () => {
      clearTimeout(first);
      clearInterval(daily);
    },
  };
}
