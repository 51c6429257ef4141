import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const everyMs = 2_000;

/**
 * Looks at a server every two seconds: memory, descriptors, connections to the database, and how soon it answers; and
 * every `heapEveryMs` at its live heap, which takes a collection.
 */
export function watch({ server, client, countConnections, heap, heapEveryMs }) {
  const started = Date.now();
  const samples = [];
  const heaps = [];
  let heapAt = started;
  let looking = Promise.resolve();
  const look = async () => {
    const seconds = (Date.now() - started) / 1_000;
    const asked = performance.now();
    const alive = await client.send({ method: 'GET', path: '/livez' }).catch(() => ({ status: 0 }));
    samples.push({
      seconds,
      rssMiB: server.rssMiB(),
      descriptors: readdirSync(`/proc/${server.pid}/fd`).length,
      connections: await countConnections(),
      livezMs: performance.now() - asked,
      alive: alive.status === 200,
    });
    if (Date.now() - heapAt >= heapEveryMs) {
      heapAt = Date.now();
      heaps.push({ seconds, liveMiB: await heap.live() });
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => {});
  }, everyMs);
  return {
    samples,
    heaps,
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** The slope of the line through these points with the least squares, in `y` per `x`. */
export function slope(points) {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return above / below;
}
