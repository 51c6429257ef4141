import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import { sqlReserved } from '../database/sql.js';
import { evenOverloaded } from './overload.js';

const timeoutMs = 1_000;
const cacheMs = 1_000;

/** `/livez`: the process answers. `/readyz`: it can serve, so the database answers and no shutdown has begun. */
export function healthEndpoints(app: FastifyInstance, em: EntityManager, isDraining: () => boolean): void {
  let last: { at: number; ready: Promise<boolean> } | undefined;

  const databaseAnswers = (): Promise<boolean> => {
    if (last === undefined || performance.now() - last.at > cacheMs) {
      last = { at: performance.now(), ready: withinTime(sqlReserved(em, 'select 1')) };
    }
    return last.ready;
  };

  app.get('/livez', { logLevel: 'warn', config: evenOverloaded }, async () => ({ status: 'ok' }));

  app.get('/readyz', { logLevel: 'warn' }, async (_request, reply) => {
    const ready = !isDraining() && (await databaseAnswers());
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' });
  });
}

async function withinTime(work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  work.then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}
