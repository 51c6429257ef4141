import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium } from '../chromium.js';
import { password, testServer } from '../helper.js';
import { Attacker } from './attacker.js';
import { forgeries } from './forgeries.js';

/** A request to the endpoint, as it came from the browser, and how it ended. */
interface Seen {
  readonly method: string;
  readonly status: number;
  readonly hasCookie: boolean;
  readonly site: string | undefined;
}

const server = testServer();
const seen: Seen[] = [];
let browser: Browser;
let attacker: Attacker;
let login: string;

beforeAll(async () => {
  browser = await launchChromium();
  attacker = await Attacker.start();
  const mallory = await server().user();
  login = `mutation { login(email: "${mallory.email}", password: "${password}") { kind } }`;
  server().app.http.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/graphql')) {
      response.on('finish', () =>
        seen.push({
          method: request.method ?? '',
          status: response.statusCode,
          hasCookie: request.headers.cookie !== undefined,
          site: request.headers['sec-fetch-site']?.toString(),
        }),
      );
    }
  });
}, 60_000);

afterAll(async () => {
  attacker?.stop();
  await browser?.close();
});

/** A browser that is signed in to the server; `secret` is what its cookie holds. */
async function signedIn(): Promise<{ context: BrowserContext; secret: string }> {
  const { cookie } = await server().withSession(await server().user());
  const secret = cookie.replace('latchkey=', '');
  const context = await browser.newContext();
  await context.addCookies([
    { name: 'latchkey', value: secret, domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Lax' },
  ]);
  return { context, secret };
}

const secretOf = async (context: BrowserContext) =>
  (await context.cookies(server().origin)).map(({ name, value }) => [name, value]);

/** Opens a page of the attacker and returns what reached the endpoint. */
async function visit(context: BrowserContext, address: string): Promise<Seen[]> {
  seen.length = 0;
  const page = await context.newPage();
  await page.goto(address, { waitUntil: 'commit' });
  for (let waited = 0; seen.length === 0 && waited < 10_000; waited += 20) {
    await sleep(20);
  }
  // A second request could follow the first, as one does a preflight.
  await sleep(150);
  await page.close();
  return [...seen];
}

/** The name of the attacker's host, and what the browser says of it when the server is at 127.0.0.1. */
const sites = [
  ['localhost', 'cross-site'],
  ['127.0.0.1', 'same-site'],
] as const;

const createPost = 'mutation { createPost(title: "Forged", body: "", published: true) { id } }';

describe.each(sites)('C6, C10 a page of http://%s at another port, which is %s', (host, site) => {
  test.each([
    ['C6: writes nothing for who is signed in', () => createPost],
    ['C10: signs nobody out', () => 'mutation { logout { kind } }'],
    ['C10: signs nobody in as somebody else', () => login],
  ])('%s', async (_name, document) => {
    const { context, secret } = await signedIn();
    const before = await server().contents();
    for (const { name, page, ends, leadsAway = false } of forgeries) {
      const [first, ...more] = await visit(context, attacker.show(page(server().url, document()), host));
      expect([name, first?.method, first?.status, first?.site]).toEqual([name, ...ends, site]);
      expect([name, more.filter(({ status }) => status < 400)]).toEqual([name, []]);
      if (first?.method !== 'OPTIONS') {
        // Cookies know no ports, so on the same site theirs is no protection at all.
        expect([name, first?.hasCookie]).toEqual([name, site === 'same-site' || leadsAway]);
      }
      expect([name, await secretOf(context)]).toEqual([name, [['latchkey', secret]]]);
    }
    expect(await server().contents()).toEqual(before);
    const { data } = await server()
      .asGuest()
      .send('{ viewer { kind } }', {}, { cookie: `latchkey=${secret}` });
    expect(data.viewer.kind).toBe('SESSION');
    await context.close();
  });

  test('C10: signs no guest in', async () => {
    const context = await browser.newContext();
    const before = await server().contents();
    for (const { name, page, ends } of forgeries) {
      const [first] = await visit(context, attacker.show(page(server().url, login), host));
      expect([name, first?.method, first?.status]).toEqual([name, ...ends]);
      expect([name, await secretOf(context)]).toEqual([name, []]);
    }
    expect(await server().contents()).toEqual(before);
    await context.close();
  });

  test('C6: cannot read an answer either', async () => {
    const { context } = await signedIn();
    const page = await context.newPage();
    await page.goto(attacker.show('', host));
    const read = await page.evaluate(
      async ([endpoint, origin]) => {
        const attempts = [
          fetch(endpoint, {
            method: 'POST',
            credentials: 'include',
            headers: { 'content-type': 'application/json' },
            body: '{"query":"{ viewer { user { email } } }"}',
          }),
          fetch(`${endpoint}?query={viewer{user{email}}}`, { credentials: 'include' }),
          fetch(`${origin}/livez`, { credentials: 'include' }),
        ];
        return Promise.all(attempts.map((each) => each.then((answer) => answer.text()).catch(() => 'unreadable')));
      },
      [server().url, server().origin] as const,
    );
    expect(read).toEqual(['unreadable', 'unreadable', 'unreadable']);
    await context.close();
  });
});

test('C6: the same document runs when a page of the server sends it', async () => {
  const { context } = await signedIn();
  const page = await context.newPage();
  // Of no page of ours, the policy would let nothing be sent.
  await page.route(`${server().origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body: 'Ours' }));
  await page.goto(`${server().origin}/page`);
  const answer = await page.evaluate(
    async (query) =>
      (
        await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
      ).json(),
    createPost,
  );
  expect(answer.data.createPost.id).toMatch(/^post_/);
  expect(await server().sql("select title from posts where title = 'Forged'")).toHaveLength(1);
  await context.close();
});
