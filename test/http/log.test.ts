import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { head, sendRaw } from './raw.js';

const log = new LogLines();
const server = testServer({ LOG_LEVEL: 'trace' }, log);

let user: User;

beforeAll(async () => {
  user = await server().user({ email: 'canary-owner@example.com', name: 'canary-name' });
  await server().api(true);
});

/** Sends one request and returns the answer with the lines that it left. */
async function traced<T>(work: () => Promise<T>): Promise<T> {
  log.clear();
  return work();
}

describe('the log', () => {
  test('says of every request who asked for what, and how it ended', async () => {
    const response = await traced(() =>
      fetch(`${server().url}?canary=1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename }' }),
      }),
    );
    await response.text();
    const id = response.headers.get('x-request-id');
    const entries = log.entries.filter((entry) => entry.reqId === id);
    expect(entries.find((entry) => entry.req !== undefined)?.req).toEqual({
      method: 'POST',
      path: '/graphql',
      ip: '127.0.0.1',
    });
    expect(entries.find((entry) => entry.res !== undefined)?.res).toEqual({ status: 200 });
    expect(log.text).not.toContain('canary');
  });

  test('is quiet about probes that go well', async () => {
    await traced(async () => {
      await (await fetch(`${server().origin}/livez`)).text();
      await (await fetch(`${server().origin}/readyz`)).text();
    });
    expect(log.lines).toEqual([]);
  });

  test('E8: has nothing secret, whatever goes through', async () => {
    const canaries: string[] = ['canary'];
    const guest = server().asGuest();
    const session = await server().withSession(user);
    const program = await server().actingAs(user, ['post:read']);
    canaries.push(session.cookie.split('=')[1] ?? '', program.token);
    await traced(async () => {
      const login = 'mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }';
      await guest.send(login, { e: 'canary-login@example.com', p: 'canary-password' });
      await guest.send(login, { e: 'canary-login@example.com', p: ['canary-password'] });
      await guest.send('mutation { login(email: "canary-a@example.com", password: "canary-inline") { kind } }');
      await guest.send('mutation canaryOperation { register(name: "", email: "canary", password: "canary") { kind } }');
      const created = await session.send(
        'mutation { createApiToken(name: "canary-token", abilities: ["read"]) { plainTextToken } }',
      );
      canaries.push(created.data.createApiToken.plainTextToken);
      await session.send('{ viewer { user { email name } } posts(first: 1000) { nodes { id } } }');
      await program.send('{ viewer { user { email } } }');
      await program.send('{ sessions { id } }');
      await server()
        .withToken(`${program.token.slice(0, -1)}!`)
        .send('{ __typename }');
      await server().withToken('canary-bearer').send('{ __typename }');
      await guest.send(
        '{ __typename }',
        {},
        { 'user-agent': 'canary-agent', 'x-canary': 'canary', cookie: 'latchkey=canary' },
      );
      await guest.send('{ canaryField }');
      await guest.send('{ canary');
      await fetch(`${server().url}?access_token=${program.token}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }","canary":',
      });
      await fetch(`${server().origin}/graphql/?token=${program.token}&canary=1`);
      await sendRaw(server().origin, head('POST /graphql', { 'x-canary': `canary${'x'.repeat(20_000)}` }));
      await sendRaw(server().origin, 'canary canary canary\r\n\r\n');
      await server().sql('alter table posts rename to posts_away');
      try {
        await session.send('mutation { createPost(title: "canary-title", body: "canary-body") { id } }');
        await session.send('query ($id: ID!) { post(id: $id) { id } }', { id: 'post_01h455vb4pex5vsknk084sn02q' });
      } finally {
        await server().sql('alter table posts_away rename to posts');
      }
    });
    expect(log.entries.length).toBeGreaterThan(30);
    expect(log.entries.filter((entry) => entry.err !== undefined).length).toBeGreaterThan(1);
    // The name of an operation is for the log; everything else that was planted must not be there.
    const text = log.text.replaceAll('canaryOperation', '');
    expect(canaries.filter((canary) => canary !== '' && text.includes(canary))).toEqual([]);
  });

  test('E8: stays one line an event when a client writes line breaks', async () => {
    await traced(async () => {
      await server()
        .asGuest()
        .send('mutation ($n: String!) { register(name: $n, email: "a@example.com", password: "b") { kind } }', {
          n: 'x\n{"level":60,"msg":"forged"}',
        });
      await (await fetch(`${server().origin}/%0a%7B%22level%22%3A60%7D`)).text();
    });
    expect(log.entries.length).toBeGreaterThan(0);
    expect(log.entries.filter((entry) => entry.level === 60)).toEqual([]);
  });
});
