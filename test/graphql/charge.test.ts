import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, readAnswer, type TestServer, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';

const server = testServer({ COST_PER_MINUTE: '300', COST_PER_MINUTE_GUEST: '40', TRUST_PROXY: '127.0.0.1' });
const posts = '{ posts(first: 20) { nodes { id author { name } } } }';
const create = 'mutation { createPost(title: "T", body: "B") { id } }';
const abilities = ['create', 'read'];
const rateLimitHeaders = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit-policy'];

let user: User;
let program: Client;
/** Guests of one test come from an address of its own. */
let address = 0;
const from = () => ({ 'x-forwarded-for': `198.51.100.${address}` });

beforeEach(async () => {
  address += 1;
  await server().api(true);
  user = await server().user();
  program = await server().actingAs(user, abilities);
});

function remaining(answer: Answer): number {
  expect(answer.headers.get('ratelimit-remaining')).toBe(String(answer.cost?.remaining));
  return answer.cost?.remaining ?? -1;
}

/** Sends until it is refused; the answer that refuses. */
async function drain(client: Client, document = '{ viewer { kind } }', headers = {}): Promise<Answer> {
  for (let turn = 0; turn < 400; turn += 1) {
    const answer = await client.send(document, {}, headers);
    if (answer.codes.includes('RATE_LIMITED')) {
      return answer;
    }
    expect(answer.status).toBe(200);
  }
  throw new Error('It was never refused.');
}

describe('an answer', () => {
  test('says what it cost and what is left, in extensions and in headers', async () => {
    const answer = await program.send(posts);
    expect(answer.errors).toBeUndefined();
    const { cost } = answer;
    expect(cost).toEqual({ requested: 42, limit: 300, remaining: 258, resetsIn: 60 });
    expect(rateLimitHeaders.map((name) => answer.headers.get(name))).toEqual(['300', '258', '60', '300;w=60']);
    const next = await program.send('{ viewer { kind } }');
    expect(next.cost).toMatchObject({ requested: 2, remaining: 256 });
  });

  test.each(['application/json', 'application/graphql-response+json'])('as %s does', async (accept) => {
    expect((await program.send(posts, {}, { accept })).cost).toMatchObject({ requested: 42 });
  });

  test('to a document that is denied costs what it would have cost', async () => {
    const weak = await server().actingAs(user, []);
    const answer = await weak.send(posts);
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.cost).toMatchObject({ requested: 42, remaining: 258 });
  });

  test.each([
    ['that cannot be parsed', '{ viewer {'],
    ['that does not fit the schema', '{ nothing }'],
    ['without an operation', 'fragment F on Query { viewer { kind } }'],
  ])('to a document %s costs one point', async (_name, document) => {
    const answer = await program.send(document);
    expect(answer.errors).toBeDefined();
    expect(answer.cost).toMatchObject({ requested: 1, remaining: 299 });
  });

  test('to variables that do not fit costs one point', async () => {
    const answer = await program.send('query ($n: Int!) { posts(first: $n) { nodes { id } } }', { n: 'many' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.cost).toMatchObject({ requested: 1, remaining: 299 });
  });

  test('that a resolver refused says it too', async () => {
    const answer = await server()
      .asGuest()
      .send('mutation { login(email: "nobody@example.com", password: "wrong") { kind } }', {}, from());
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(answer.cost?.limit).toBe(40);
  });

  test('lets pages of allowed origins read the headers', async () => {
    const answer = await program.send(posts, {}, { origin: server().origin });
    const exposed = answer.headers.get('access-control-expose-headers')?.toLowerCase().split(', ');
    expect(exposed).toEqual(expect.arrayContaining(rateLimitHeaders));
  });
});

describe('a budget that is spent', () => {
  test('refuses before anything runs, and says when to come back', async () => {
    await drain(program, posts);
    const before = await server().contents();
    const answer = await program.send(create);
    expect(await server().contents()).toEqual(before);
    expect(answer.status).toBe(429);
    expect(answer.codes).toEqual(['RATE_LIMITED']);
    expect(answer.data).toBeUndefined();
    const { retryAfter, cost } = answer.errors?.[0]?.extensions ?? {};
    expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 60).toBe(true);
    expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
    expect(cost).toMatchObject({ limit: 300, resetsIn: retryAfter });
    expect(cost.requested).toBeGreaterThan(cost.remaining);
    expect(answer.headers.get('ratelimit-remaining')).toBe(String(cost.remaining));
    expect(answer.headers.get('ratelimit-reset')).toBe(String(retryAfter));
  });

  test('is a 429 for those who accept plain JSON too', async () => {
    await drain(program, posts);
    const answer = await program.send(posts, {}, { accept: 'application/json' });
    expect([answer.status, answer.codes]).toEqual([429, ['RATE_LIMITED']]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('lets something smaller through', async () => {
    await drain(program, posts);
    expect((await program.send('{ __typename }')).errors).toBeUndefined();
  });

  test('refuses without reading the document when nothing at all is left', async () => {
    await drain(program, '{ __typename }');
    for (const document of ['{ viewer {', '{ nothing }', posts]) {
      const answer = await program.send(document);
      expect([answer.status, answer.codes]).toEqual([429, ['RATE_LIMITED']]);
      expect(answer.errors?.[0]?.extensions.cost).toMatchObject({ limit: 300, remaining: 0 });
      expect(rateLimitHeaders.map((name) => answer.headers.get(name)).slice(0, 2)).toEqual(['300', '0']);
    }
  });

  test('is that of all tokens of the owner, not of the sessions and not of others', async () => {
    const browser = await server().withSession(user);
    const [second, stranger] = [
      await server().actingAs(user, abilities),
      await server().actingAs(await server().user(), abilities),
    ];
    await drain(program, '{ __typename }');
    expect((await second.send('{ __typename }')).codes).toEqual(['RATE_LIMITED']);
    expect(remaining(await stranger.send('{ __typename }'))).toBe(299);
    expect(remaining(await browser.send('{ __typename }'))).toBe(299);
    expect((await browser.send('{ viewer { kind } }', {}, { 'x-run-as': 'abilities=read' })).errors).toBeUndefined();
  });

  test('is that of one address for guests, whatever they say of themselves', async () => {
    const guest = server().asGuest();
    await drain(guest, '{ __typename }', from());
    const spoofed = { 'x-forwarded-for': `203.0.113.9, 198.51.100.${address}` };
    expect((await guest.send('{ __typename }', {}, spoofed)).codes).toEqual(['RATE_LIMITED']);
    expect((await guest.send('{ __typename }', {}, { 'x-forwarded-for': '198.51.100.250' })).errors).toBeUndefined();
    expect((await program.send('{ __typename }', {}, from())).errors).toBeUndefined();
  });
});

describe('A6: bad bearers', () => {
  const bad = () => server().withToken(`lk_${'0'.repeat(26)}_${'x'.repeat(46)}`);

  test('are spent from the budget of the address, and then told when to come back; good ones go on', async () => {
    for (let turn = 0; turn < 40; turn += 1) {
      const answer = await bad().send('{ __typename }', {}, from());
      expect([answer.status, answer.codes]).toEqual([401, ['UNAUTHENTICATED']]);
    }
    const answer = await bad().send('{ __typename }', {}, from());
    expect([answer.status, answer.codes]).toEqual([429, ['RATE_LIMITED']]);
    expect(answer.headers.get('retry-after')).toBe(String(answer.errors?.[0]?.extensions.retryAfter));
    expect((await server().asGuest().send('{ __typename }', {}, from())).codes).toEqual(['RATE_LIMITED']);
    expect((await program.send(posts, {}, from())).errors).toBeUndefined();
  });

  test('do not spend the budget of the owner whose token they resemble', async () => {
    await server().sql('update api_tokens set expires_at = created_at where user_id = $1', [user.id]);
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await program.send('{ __typename }', {}, from())).status).toBe(401);
    }
    const other = await server().actingAs(user, abilities);
    expect(remaining(await other.send('{ __typename }', {}, from()))).toBe(299);
  });
});

describe('the log', () => {
  const log = new LogLines();
  const observed = testServer({ COST_PER_MINUTE_GUEST: '30', LOG_LEVEL: 'info' }, log);

  test('says that it was a budget, whether the document was read or not', async () => {
    const guest = observed().asGuest();
    const reasons = () => log.entries.filter(({ msg }) => msg === 'refused').map(({ reason }) => reason);
    expect((await guest.send('{ abilities { name } }')).errors).toBeUndefined();
    expect((await guest.send('{ abilities { name } }')).codes).toEqual(['RATE_LIMITED']);
    expect(reasons()).toEqual(['budget']);
    await drain(guest, '{ __typename }');
    expect(reasons()).toEqual(['budget', 'budget']);
  });
});

describe('without budgets', () => {
  let free: TestServer;
  const unlimited = testServer({ COST_PER_MINUTE: '0', COST_PER_MINUTE_GUEST: '0' });

  beforeEach(() => {
    free = unlimited();
  });

  afterEach(async () => {
    await free.sql('delete from rate_limits');
  });

  test('answers say nothing of cost', async () => {
    const clients = [free.asGuest(), await free.withSession(await free.user())];
    for (const client of clients) {
      const answer = await client.send('{ viewer { kind } }');
      expect(answer.errors).toBeUndefined();
      expect(answer.cost).toBeUndefined();
      expect(rateLimitHeaders.filter((name) => answer.headers.has(name))).toEqual([]);
    }
  });
});

test('an answer carries its cost once, at its end', async () => {
  const response = await fetch(server().url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${program.token}` },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  const body = (await response.clone().json()) as object;
  expect(Object.keys(body)).toEqual(['data', 'extensions']);
  expect((await readAnswer(response)).cost).toEqual({ requested: 1, limit: 300, remaining: 299, resetsIn: 60 });
});
