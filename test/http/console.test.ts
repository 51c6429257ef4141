import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { inMemory, loadConfig } from '../../src/config.js';
import { readConsole } from '../../src/http/console-files.js';
import { TestServer, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { builtConsole, consoleTexts } from './built-console.js';
import { head, sendRaw } from './raw.js';

const { script, inline } = consoleTexts;

const folder = builtConsole();
const server = testServer({ CONSOLE: folder });

afterAll(() => rmSync(folder, { recursive: true }));

const asBrowser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const asset = '/assets/main-1a2b3c4d.js';
const pageOf = (path: string, init: RequestInit = {}) =>
  fetch(`${server().origin}${path}`, { redirect: 'manual', headers: asBrowser, ...init });
const policyOf = (response: Response) => (response.headers.get('content-security-policy') ?? '').split('; ');

/** `fetch` asks for what it can decode and decodes it; these are the bytes as they are sent. */
function asSent(
  headers: Record<string, string>,
): Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(`${server().origin}${asset}`, { headers }, async (answer) => {
      const bytes = Buffer.concat(await answer.toArray());
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes });
    }).once('error', reject);
  });
}

describe('a page', () => {
  test.each(['/', '/login', '/tokens/token_123', '/playground', '/login?next=%2Ftokens'])('%s', async (path) => {
    const response = await pageOf(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('permissions-policy')).toContain('camera=()');
    expect(await response.text()).toContain('<title>A console</title>');
  });

  test('allows no scripts but files of ours and the inline ones that it was built with', async () => {
    const policy = policyOf(await pageOf('/login'));
    const hash = createHash('sha256').update(inline).digest('base64');
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`);
    expect(policy.join()).not.toContain('unsafe');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]),
    );
  });

  test('has a nonce of its own for style elements, the same in the policy and on the page', async () => {
    const seen = new Set<string>();
    for (const _ of [1, 2, 3]) {
      const response = await pageOf('/login');
      const nonce = /'nonce-([\w+/]{22}==)'/.exec(
        policyOf(response).find((each) => each.startsWith('style-src')) ?? '',
      )?.[1];
      const text = await response.text();
      expect(text).toContain(`<meta property="csp-nonce" nonce="${nonce}" />`);
      expect(text).not.toContain('{nonce}');
      seen.add(nonce ?? '');
    }
    expect(seen.size).toBe(3);
  });

  test('of the editor may have style elements without a nonce and workers of ours, and nothing else more', async () => {
    const strict = policyOf(await pageOf('/login'));
    const editor = policyOf(await pageOf('/playground'));
    expect(editor.filter((each) => !strict.includes(each)).sort()).toEqual([
      "style-src 'self' 'unsafe-inline'",
      "worker-src 'self'",
    ]);
  });

  test('answers HEAD with the same head and no body', async () => {
    const response = await pageOf('/login', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policyOf(response)).toContain("default-src 'none'");
    expect(await response.text()).toBe('');
  });

  test('takes nothing but reading', async () => {
    const response = await pageOf('/login', { method: 'POST' });
    expect(response.status).toBe(404);
  });
});

describe('what is nowhere', () => {
  test('is a page with status 404 for a browser', async () => {
    const response = await pageOf('/no/such/page');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policyOf(response).join()).not.toContain('unsafe');
    expect(await response.text()).toContain('<title>A console</title>');
  });

  test.each([{}, { accept: '*/*' }, { accept: 'application/json' }, { accept: 'application/json, text/html;q=0.5' }])(
    'is an error for a program that sends %j',
    async (headers) => {
      const response = await pageOf('/no/such/page', { headers: headers as Record<string, string> });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    },
  );

  test.each([
    '/index.html',
    '/addresses.json',
    '/made-from',
    '/assets/',
    '/assets/main-1a2b3c4d.js.br',
    '/assets/../made-from',
    '/assets/..%2fmade-from',
    '/assets/%2e%2e/made-from',
    '/assets/..\\made-from',
    '/assets//main-1a2b3c4d.js',
    '/../../package.json',
    '//etc/passwd',
  ])('%s is no file', async (path) => {
    const answer = await sendRaw(server().origin, head(`GET ${path}`));
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('NOT_FOUND');
  });
});

describe('a file of a page', () => {
  test('is kept by browsers for good', async () => {
    const response = await fetch(`${server().origin}${asset}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('vary')).toContain('accept-encoding');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe(script);
  });

  test.each([
    ['plain-5e6f7a8b.css', 'text/css; charset=utf-8'],
    ['font-9c0d1e2f.woff2', 'font/woff2'],
  ])('%s is sent as what it is', async (name, type) => {
    const response = await fetch(`${server().origin}/assets/${name}`);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-encoding')).toBeNull();
  });

  test.each([
    [null, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['*', 'br'],
    ['zstd', undefined],
  ])('for Accept-Encoding %j is encoded as %j', async (accepted, encoding) => {
    const { status, headers, bytes } = await asSent(accepted === null ? {} : { 'accept-encoding': accepted });
    expect(status).toBe(200);
    expect(headers['content-encoding']).toBe(encoding);
    const decoded = encoding === 'br' ? brotliDecompressSync(bytes) : encoding === 'gzip' ? gunzipSync(bytes) : bytes;
    expect(decoded.toString()).toBe(script);
    expect(headers['content-length']).toBe(String(bytes.length));
  });

  test('is not sent again to who has it, and its forms are not taken for each other', async () => {
    const forms = await Promise.all(['br', 'gzip', 'identity'].map((each) => asSent({ 'accept-encoding': each })));
    const tags = forms.map(({ headers }) => headers.etag ?? '');
    expect(new Set(tags).size).toBe(3);
    const ask = (known: string) => asSent({ 'accept-encoding': 'br', 'if-none-match': known });
    const [br = '', gzip = ''] = tags;
    for (const known of [br, `W/${br}`, `"other", ${br}`, '*']) {
      const answer = await ask(known);
      expect(answer.status).toBe(304);
      expect(answer.bytes.length).toBe(0);
      expect(answer.headers).toMatchObject({ etag: br, 'cache-control': 'public, max-age=31536000, immutable' });
    }
    for (const known of [gzip, '"other"', br.slice(1, -1)]) {
      expect((await ask(known)).status).toBe(200);
    }
  });

  test('answers HEAD with the length of what it would send', async () => {
    const response = await fetch(`${server().origin}${asset}`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'identity' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(script.length));
  });
});

describe('the endpoint, opened in a browser', () => {
  test('leads to the Playground', async () => {
    const response = await pageOf('/graphql');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/playground');
  });

  test.each([
    ['a program', 'GET', { accept: '*/*' }],
    ['a form', 'PUT', asBrowser],
    ['HEAD', 'HEAD', asBrowser],
  ])('does not for %s', async (_name, method, headers) => {
    const response = await pageOf('/graphql', { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('the Playground', () => {
  /** What a browser gets at the page, at the endpoint and elsewhere, and what the pages are told. */
  async function opened(setting: string): Promise<unknown[]> {
    const other = await TestServer.start({ CONSOLE: folder, PLAYGROUND: setting });
    try {
      const [page, endpoint, login] = await Promise.all(
        ['/playground', '/graphql', '/login'].map((path) =>
          fetch(`${other.origin}${path}`, { headers: asBrowser, redirect: 'manual' }),
        ),
      );
      const told = await Promise.all(
        [page, login].map(async (each) => /name="playground" content="(.*?)"/.exec((await each?.text()) ?? '')?.[1]),
      );
      return [page?.status, endpoint?.status, policyOf(page as Response).includes("worker-src 'self'"), ...told];
    } finally {
      await other.stop();
    }
  }

  test.each([
    ['on', [200, 303, true, 'on', 'on']],
    ['users', [200, 303, true, 'users', 'users']],
    ['off', [404, 405, false, 'off', 'off']],
  ])('that is %s', async (setting, expected) => {
    expect(await opened(setting)).toEqual(expected);
  });

  test('is on, for users or off, and nothing else', () => {
    const quiet = { NODE_ENV: 'test', DATA_DIR: inMemory };
    expect(loadConfig(quiet).playground).toBe('on');
    expect(() => loadConfig({ ...quiet, PLAYGROUND: 'guests' })).toThrow('PLAYGROUND must be on, users or off.');
  });
});

describe('without a console', () => {
  const quiet = { NODE_ENV: 'test', DATA_DIR: inMemory, LOG_LEVEL: 'silent' };

  /** What a browser gets at the start page and at the endpoint. */
  async function answers(other: TestServer): Promise<number[]> {
    const responses = ['/', '/login', asset, '/graphql'].map((path) =>
      fetch(`${other.origin}${path}`, { headers: asBrowser }),
    );
    return (await Promise.all(responses)).map(({ status }) => status);
  }

  test('that is switched off there is the API alone, and nothing is said', async () => {
    const log = new LogLines();
    const other = await TestServer.start({ CONSOLE: 'off', LOG_LEVEL: 'warn' }, log);
    try {
      expect(await answers(other)).toEqual([404, 404, 404, 405]);
      expect(log.text).not.toContain('console');
    } finally {
      await other.stop();
    }
  });

  test('that has been built there is the API alone, and one line says so', async () => {
    const log = new LogLines();
    const other = await TestServer.start({ LOG_LEVEL: 'warn' }, log);
    try {
      expect(await answers(other)).toEqual([404, 404, 404, 405]);
      expect(log.lines.filter((line) => line.includes('there is no console'))).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  test('in the folder that CONSOLE names the start fails', async () => {
    await expect(TestServer.start({ CONSOLE: join(folder, 'assets') })).rejects.toThrow(
      'CONSOLE names a folder that holds no built console.',
    );
  });

  test('the folder is that of the build, one of your own, or none', () => {
    expect(loadConfig({ ...quiet, CONSOLE: 'off' }).console).toBeNull();
    expect(loadConfig({ ...quiet, CONSOLE: folder }).console).toEqual({ folder, required: true });
    expect(loadConfig(quiet).console?.required).toBe(false);
  });

  test('a folder without the list of addresses is none', async () => {
    expect(await readConsole(join(folder, 'assets'))).toBeNull();
    expect((await readConsole(folder))?.addresses).toContain('/tokens/:id');
  });
});
