import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { readAnswer } from '../helper.js';
import { Latchkey } from '../program.js';
import { Deployment } from './deployment.js';
import { type Bounds, suffer } from './fault.js';

let cluster: Cluster;
let latchkey: Latchkey;
let deployment: Deployment;
let databaseUrl: string;

beforeAll(async () => {
  cluster = await Cluster.start({ max_connections: 60 });
  databaseUrl = await cluster.createDatabase();
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

describe('R7 an instance that is killed', () => {
  test('R7 kill -9 under writes: the other one serves on, and it is back at once', async () => {
    const { attempts } = await under('an instance killed (kill -9), started again', async () => {
      const killed = Date.now();
      expect((await deployment.servers[0]?.end('SIGKILL'))?.code).toBe('SIGKILL');
      await sleep(1_000);
      await deployment.restart(0);
      expect((await deployment.probe(0, '/readyz')).status).toBe(200);
      return killed;
    });
    // Only what was under way on that instance can fail; what came later found the other one.
    expect(attempts.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(11);
  });

  test('R7 both killed: the proxy says so in our shape until one is back', async () => {
    await under('both instances killed (kill -9), started again', async () => {
      await Promise.all(deployment.servers.map((server) => server.end('SIGKILL')));
      const answer = await deployment.ask('{ viewer { kind } }');
      expect([answer.status, answer.codes]).toEqual([503, ['SERVICE_UNAVAILABLE']]);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const ready = await fetch(`${deployment.proxy.origin}/readyz`);
      expect([ready.status, ready.headers.get('content-type')]).toEqual([
        503,
        'application/graphql-response+json; charset=utf-8',
      ]);
      await Promise.all([deployment.restart(0), deployment.restart(1)]);
      return Date.now();
    });
  });
});

describe('R6 instances that are restarted one after the other', () => {
  test('R6 SIGTERM with requests in flight: nobody notices', async () => {
    const codes: unknown[] = [];
    const { attempts } = await under('both instances restarted, one after the other (SIGTERM)', async () => {
      const begun = Date.now();
      for (const index of [0, 1]) {
        const server = deployment.servers[index];
        server?.signal('SIGTERM');
        let status = 200;
        while (status === 200) {
          ({ status } = await deployment.probe(index, '/readyz'));
        }
        expect(status).toBe(503);
        const stopping = Date.now();
        codes.push((await server?.ended)?.code);
        expect(Date.now() - stopping).toBeLessThan(6_000);
        await deployment.restart(index);
        await sleep(1_200);
      }
      return begun;
    });
    expect(codes).toEqual([0, 0]);
    expect(attempts.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(2);
  });
});

describe('R5 a pool whose connections are all taken', () => {
  test('R5 what needs one is refused soon, who asks is known all the same, and the instances stay ready', async () => {
    for (const index of [0, 1]) {
      await deployment.servers[index]?.end('SIGTERM');
      await deployment.restart(index, { DATABASE_POOL_SIZE: '2' });
    }
    const slowest: number[] = [];
    const statuses: number[] = [];
    const { attempts } = await under('pool of 2 starved by a lock on posts for 4 s', async () => {
      const held = holdPosts(4);
      await sleep(500);
      for (let round = 0; round < 6; round += 1) {
        const since = performance.now();
        const { data } = await deployment.ask('{ viewer { kind } }', deployment.session);
        expect(data).toEqual({ viewer: { kind: 'SESSION' } });
        slowest.push(performance.now() - since);
        statuses.push((await deployment.probe(round % 2, '/readyz')).status);
        await sleep(400);
      }
      await held;
      return Date.now();
    });
    expect(Math.max(...slowest)).toBeLessThan(1_500);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = attempts.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(Math.max(...attempts.map(({ ms }) => ms))).toBeLessThan(8_000);
  });
});

/** Lets every statement that reads or writes posts wait for so many seconds. */
async function holdPosts(seconds: number): Promise<void> {
  await cluster.query(
    `begin; lock table posts in access exclusive mode; select pg_sleep(${seconds}); commit`,
    [],
    databaseUrl,
  );
}

describe('what one instance decides', () => {
  const whoami = '{ viewer { kind } }';

  test('ends a session on both from the next request on', async () => {
    const credentials = { email: 'root@example.com', password: 'what only the operator knows' };
    const login = await deployment.askInstance(
      0,
      `mutation { login(email: "${credentials.email}", password: "${credentials.password}") { kind } }`,
    );
    const session = { cookie: login.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
    expect((await deployment.askInstance(1, whoami, session)).data.viewer.kind).toBe('SESSION');
    expect((await deployment.askInstance(1, 'mutation { logout { kind } }', session)).errors).toBeUndefined();
    expect((await deployment.askInstance(0, whoami, session)).data.viewer.kind).toBe('GUEST');
  });

  test('makes a token good on both, and dead on both from the next request on', async () => {
    const { data } = await deployment.askInstance(
      0,
      'mutation { createApiToken(name: "Both", abilities: ["post:read"]) { plainTextToken apiToken { id } } }',
      deployment.session,
    );
    const token = { authorization: `Bearer ${data.createApiToken.plainTextToken}` };
    expect((await deployment.askInstance(1, whoami, token)).data.viewer.kind).toBe('TOKEN');
    const { id } = data.createApiToken.apiToken;
    await deployment.askInstance(1, `mutation { deleteApiToken(id: "${id}") }`, deployment.session);
    for (const index of [0, 1]) {
      expect((await deployment.askInstance(index, whoami, token)).codes).toEqual(['UNAUTHENTICATED']);
    }
  });

  test('switches the API off and on for both', async () => {
    const turn = (index: number, enabled: boolean) =>
      deployment.askInstance(
        index,
        `mutation { updateApiSettings(enabled: ${enabled}) { enabled } }`,
        deployment.session,
      );
    for (let round = 0; round < 5; round += 1) {
      await turn(round % 2, false);
      expect((await deployment.askInstance((round + 1) % 2, whoami, deployment.token)).codes).toEqual(['API_DISABLED']);
      await turn((round + 1) % 2, true);
      expect((await deployment.askInstance(round % 2, whoami, deployment.token)).data.viewer.kind).toBe('TOKEN');
    }
  });
});

describe('the proxy', () => {
  test('R6 refuses in our shape what it does not pass on', async () => {
    const { origin } = deployment.proxy;
    const large = await fetch(`${origin}/graphql`, { method: 'POST', body: 'x'.repeat(200_000) });
    expect([large.status, (await readAnswer(large)).codes]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
    const long = await fetch(`${origin}/${'x'.repeat(30_000)}`);
    expect([long.status, (await readAnswer(long)).codes]).toEqual([431, ['HEADERS_TOO_LARGE']]);
  });

  test('R6 takes as much as an instance would', async () => {
    const documentOf = (length: number) => {
      const empty = JSON.stringify({ query: '{ __typename } #' }).length;
      return JSON.stringify({ query: `{ __typename } #${'x'.repeat(length - empty)}` });
    };
    const post = async (body: string) =>
      readAnswer(
        await fetch(deployment.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
      );
    const largest = await post(documentOf(100_000));
    expect([largest.status, largest.data]).toEqual([200, { __typename: 'Query' }]);
    expect(largest.headers.get('cache-control')).toBe('no-store');
    const larger = await post(documentOf(100_001));
    expect([larger.status, larger.codes]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });
});
