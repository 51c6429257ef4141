import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { Latchkey, type Served } from '../program.js';
import { type Arrival, Arrivals } from './arrivals.js';

const overloadSeconds = Number(process.env.OVERLOAD_SECONDS ?? '10');
const administrator = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };
const query = '{ posts(first: 50) { nodes { id title author { name } } } }';

let cluster: Cluster;
let latchkey: Latchkey;
let server: Served;
let session: { cookie: string };

beforeAll(async () => {
  cluster = await Cluster.start({ fsync: 'off' });
  latchkey = await Latchkey.build();
  server = await latchkey.serve({
    DATABASE_URL: await cluster.createDatabase(),
    LOG_LEVEL: 'error',
    COST_PER_MINUTE: '0',
    ...administrator,
  });
  session = await server.signIn(administrator.ADMIN_EMAIL, administrator.ADMIN_PASSWORD);
  for (let index = 0; index < 60; index += 1) {
    await server.ask(`mutation { createPost(title: "Post ${index}", body: "b", published: true) { id } }`, session);
  }
}, 120_000);

afterAll(async () => {
  await latchkey?.remove();
  cluster?.remove();
});

/** How many of each status, with `none` for those that nobody answered. */
function byStatus(arrivals: readonly Arrival[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of arrivals) {
    counts[status ?? 'none'] = (counts[status ?? 'none'] ?? 0) + 1;
  }
  return counts;
}

/** The share of the requests sent after that moment that were answered well and within half a second. */
function wellAnswered(arrivals: readonly Arrival[], since: number): number {
  const sent = arrivals.filter(({ sentAt }) => sentAt >= since);
  return sent.filter(({ sentAt, endedAt, status }) => status === 200 && endedAt - sentAt <= 500).length / sent.length;
}

function percentile(arrivals: readonly Arrival[], share: number): number {
  const times = arrivals.map(({ sentAt, endedAt }) => endedAt - sentAt).sort((a, b) => a - b);
  return Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
}

function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function residentMegabytes(): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024);
}

/** A request of a browser as bytes. */
function post(query: string, cookie: string): Buffer {
  const body = JSON.stringify({ query });
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\nsec-fetch-site: same-origin\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

describe('R12 overload', () => {
  test('R12, R10: at three times its capacity the server goes on with its work, and is itself again at once afterwards', async () => {
    const port = Number(new URL(server.url).port);
    const crowd = new Arrivals({ port, request: post(query, session.cookie), patienceMs: 10_000, connections: 1_500 });
    const probe = Buffer.from('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const alive = new Arrivals({ port, request: probe, patienceMs: 10_000, connections: 32 });
    const own = monitorEventLoopDelay();
    own.enable();
    try {
      await crowd.inTurn(32, 2);
      const idleCpu = cpuSeconds();
      const peak = await crowd.inTurn(32, 4);
      const servedCpu = (cpuSeconds() - idleCpu) / (4 * peak);
      await alive.inTurn(32, 1);
      const probeBegun = cpuSeconds();
      const probes = 2 * (await alive.inTurn(32, 2));
      const probeCpu = (cpuSeconds() - probeBegun) / probes;
      alive.ended.length = 0;
      const before = residentMegabytes();
      crowd.ended.length = 0;
      await crowd.open();

      const begunCpu = cpuSeconds();
      const begun = performance.now();
      const watch = alive.atPace(2, overloadSeconds);
      await crowd.atPace(3 * peak, overloadSeconds);
      const over = performance.now();
      const usedCpu = cpuSeconds() - begunCpu;
      await watch;
      const during = crowd.ended.filter(({ endedAt }) => endedAt <= over);
      const { 200: served = 0, 503: refused = 0 } = byStatus(during);
      const refusedCpu = (usedCpu - served * servedCpu) / refused;

      await crowd.atPace(0.3 * peak, 8);
      await crowd.inTurn(1, 1);
      const recovered = wellAnswered(crowd.ended, over + 5_000);
      const figures = {
        peakPerSecond: Math.round(peak),
        offeredPerSecond: Math.round(3 * peak),
        connections: 1_500,
        heldBack: crowd.heldBack,
        goodputPerSecond: Math.round((1_000 * served) / (over - begun)),
        goodputOfPeak: Number(((1_000 * served) / (over - begun) / peak).toFixed(2)),
        microsecondsOfServed: Math.round(1e6 * servedCpu),
        microsecondsOfProbe: Math.round(1e6 * probeCpu),
        microsecondsOfRefused: Math.round(1e6 * refusedCpu),
        during: byStatus(during),
        longestMs: percentile(during, 1),
        medianMs: percentile(
          during.filter(({ status }) => status === 200),
          0.5,
        ),
        livezLongestMs: percentile(alive.ended, 1),
        recovered: Number(recovered.toFixed(3)),
        ownLagMs: Math.round(own.max / 1e6),
        residentMegabytes: [before, residentMegabytes()],
      };
      process.stderr.write(`overload: ${JSON.stringify(figures)}\n`);

      expect(Object.keys(byStatus(crowd.ended)).filter((status) => !['200', '503'].includes(status))).toEqual([]);
      expect(Math.min(served, refused)).toBeGreaterThan(0);
      // All that overload costs, against the least that an answer can: the goodput itself is what the crowd and
      // PostgreSQL leave of the processors.
      expect(refusedCpu).toBeLessThan(6 * probeCpu);
      expect(recovered).toBeGreaterThan(0.98);
      expect(alive.ended.every(({ status }) => status !== null)).toBe(true);
      expect((await server.ask('{ viewer { kind } }', session)).data).toEqual({ viewer: { kind: 'SESSION' } });
      expect(server.stderr).toBe('');
    } finally {
      crowd.close();
      alive.close();
    }
  }, 120_000);
});
