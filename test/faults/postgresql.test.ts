import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { Latchkey } from '../program.js';
import { Deployment } from './deployment.js';
import { type Bounds, suffer } from './fault.js';

let cluster: Cluster;
let latchkey: Latchkey;
let deployment: Deployment;
let databaseUrl: string;

beforeAll(async () => {
  cluster = await Cluster.start({ max_connections: 60 });
  // Not the superuser, so that something can be forbidden.
  await cluster.query('create role app login');
  databaseUrl = (await cluster.createDatabase()).replace('postgres@', 'app@');
  await cluster.query(`alter database ${nameOfDatabase()} owner to app`);
  latchkey = await Latchkey.build();
  deployment = await Deployment.start(latchkey, databaseUrl);
});

afterAll(async () => {
  await deployment?.stop();
  await latchkey?.remove();
  cluster?.remove();
});

const under = (fault: string, inject: () => Promise<number | undefined>, bounds?: Bounds) =>
  suffer(fault, { cluster, deployment, databaseUrl }, inject, bounds);

const nameOfDatabase = () => databaseUrl.split('/').at(-1) ?? '';

describe('R1, R7 a PostgreSQL that ends', () => {
  test('R1 restarted, while its clients are told', async () => {
    await under('PostgreSQL restarted (fast)', async () => {
      await cluster.down('fast');
      await cluster.up();
      return Date.now();
    });
  });

  test('R1 stopped at once, as after a crash', async () => {
    await under('PostgreSQL stopped at once, started again', async () => {
      await cluster.down('immediate');
      await cluster.up();
      return Date.now();
    });
  });

  test('R1 with every connection killed, over and over', async () => {
    await under('every connection killed, ten times', async () => {
      for (let round = 0; round < 10; round += 1) {
        await cluster.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
          nameOfDatabase(),
        ]);
        await sleep(150);
      }
      return Date.now();
    });
  });

  test('R7 kill -9 of the postmaster', async () => {
    await under('PostgreSQL killed (kill -9 of the postmaster), started again', async () => {
      const [pid = ''] = readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await cluster.upAgain();
      return Date.now();
    });
  });
});

describe('R2 a PostgreSQL that is down for four seconds', () => {
  test('R2 is said at once, and the instances are ready within a second of its return', async () => {
    const seen: { live: number[]; ready: number[]; slowestMs: number } = { live: [], ready: [], slowestMs: 0 };
    const { attempts, backAt } = await under('PostgreSQL down for 4 s', async () => {
      await cluster.down('fast');
      for (const until = Date.now() + 4_000; Date.now() < until; await sleep(100)) {
        for (const index of [0, 1]) {
          const [live, ready] = [await deployment.probe(index, '/livez'), await deployment.probe(index, '/readyz')];
          seen.live.push(live.status);
          seen.ready.push(ready.status);
          seen.slowestMs = Math.max(seen.slowestMs, live.ms, ready.ms);
        }
      }
      expect((await fetch(`${deployment.proxy.origin}/readyz`)).status).toBe(503);
      await cluster.up();
      const back = Date.now();
      // What was asked a moment before may still be told for a second; whoever asks then is told what is true.
      await sleep(1_050);
      const ready = await Promise.all([0, 1].map((index) => deployment.probe(index, '/readyz')));
      expect(ready.map(({ status }) => status)).toEqual([200, 200]);
      return back;
    });
    expect(new Set(seen.live)).toEqual(new Set([200]));
    // What was asked a moment before the stop may still be told for a second.
    expect(new Set(seen.ready.slice(seen.ready.length / 2))).toEqual(new Set([503]));
    expect(seen.slowestMs).toBeLessThan(1_500);
    const refused = attempts.filter(({ ok, at }) => !ok && at < backAt - 200);
    expect(refused.length).toBeGreaterThan(20);
    expect(Math.max(...refused.map(({ ms }) => ms))).toBeLessThan(1_000);
  });
});

describe('R3, R4 a PostgreSQL that is frozen for six seconds', () => {
  test('R3, R4 nobody waits without an end, and what was written unseen can be found', async () => {
    const { attempts } = await under('PostgreSQL frozen (SIGSTOP) for 6 s', async () => {
      cluster.signal('SIGSTOP');
      for (const until = Date.now() + 6_000; Date.now() < until; await sleep(500)) {
        const [live, ready] = [await deployment.probe(0, '/livez'), await deployment.probe(0, '/readyz')];
        expect(live.status).toBe(200);
        expect(live.ms).toBeLessThan(500);
        expect(ready.ms).toBeLessThan(1_500);
      }
      expect((await deployment.probe(1, '/readyz')).status).toBe(503);
      cluster.signal('SIGCONT');
      return Date.now();
    });
    expect(Math.max(...attempts.map(({ ms }) => ms))).toBeLessThan(9_000);
  });
});

describe('R3 connections that go silent while new ones are good, as when a standby has taken over', () => {
  test('R3 are given up, and the pool is whole again though they never answer', async () => {
    const name = nameOfDatabase();
    const silent = async () =>
      (await cluster.query<{ pid: number }>('select pid from pg_stat_activity where datname = $1', [name])).map(
        ({ pid }) => pid,
      );
    const recovery = 10_000;
    let frozen: number[] = [];
    try {
      const { attempts, backAt } = await under(
        'every connection silent for 12 s, locks held, new ones good',
        async () => {
          frozen = await silent();
          for (const pid of frozen) {
            process.kill(pid, 'SIGSTOP');
          }
          const since = Date.now();
          await sleep(12_000);
          return since;
        },
        // Two and a half seconds until credentials have a connection that answers, and six until the first statement is given up.
        { recoveryMs: recovery },
      );
      expect(frozen.length).toBeGreaterThan(5);
      // Writes may wait for locks that the silent ones still hold on this server; another one would know nothing of them.
      const late = attempts.filter(({ kind, at }) => kind === 'read' && at > backAt + recovery);
      expect(late.length).toBeGreaterThan(5);
      expect(late.filter(({ ok }) => !ok)).toEqual([]);
    } finally {
      for (const pid of frozen) {
        process.kill(pid, 'SIGCONT');
      }
    }
  });
});

describe('R9 a PostgreSQL that takes no writes', () => {
  test('R9 read-only: writes are told to come again, reads go on', async () => {
    const name = nameOfDatabase();
    let from = 0;
    const { attempts, backAt } = await under('PostgreSQL read-only for 2 s', async () => {
      await cluster.query(`alter database ${name} set default_transaction_read_only = on`);
      await reconnect();
      from = Date.now() + 300;
      await sleep(2_300);
      const until = Date.now();
      await cluster.query(`alter database ${name} set default_transaction_read_only = off`);
      await reconnect();
      return until;
    });
    const during = attempts.filter(({ at, ms }) => at >= from && at + ms <= backAt);
    const outcomes = (kind: string) =>
      new Set(during.filter((attempt) => attempt.kind === kind).map(({ outcome }) => outcome));
    expect(outcomes('read')).toEqual(new Set(['200']));
    expect(outcomes('post')).toEqual(new Set(['503 SERVICE_UNAVAILABLE']));
    expect(outcomes('token')).toEqual(new Set(['503 SERVICE_UNAVAILABLE']));
  });

  test('R9 a permission that was revoked: a fault of ours, told to the log and not to the client', async () => {
    const write = 'mutation { createPost(title: "Forbidden", body: "b") { id } }';
    const revoked = (what: string) => cluster.query(what, [], cluster.url(nameOfDatabase()));
    await revoked('revoke insert on posts from app');
    try {
      const answer = await deployment.ask(write, deployment.session);
      expect([answer.status, answer.codes]).toEqual([500, ['INTERNAL_SERVER_ERROR']]);
      expect(answer.text).not.toMatch(/permission|posts|42501/i);
      const [error] = answer.errors ?? [];
      const id = error?.extensions.requestId;
      // What an instance writes comes another way than its answer, and may come later.
      const told = () => deployment.servers.some(({ stdout }) => stdout.includes(id) && stdout.includes('42501'));
      for (const deadline = Date.now() + 10_000; !told() && Date.now() < deadline; ) {
        await sleep(10);
      }
      expect(told()).toBe(true);
      expect((await deployment.ask('{ posts { nodes { id } } }', deployment.session)).errors).toBeUndefined();
    } finally {
      await revoked('grant insert on posts to app');
    }
    expect((await deployment.ask(write, deployment.session)).errors).toBeUndefined();
  });
});

/** Settings of a database hold for connections that are made afterwards. */
async function reconnect(): Promise<void> {
  await cluster.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [nameOfDatabase()]);
}
