import { type IncomingHttpHeaders, request } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createApp } from '../../src/app.js';
import type { RequestFacts } from '../../src/auth/authenticate.js';
import { formatToken, newSecret, parseToken } from '../../src/auth/token-text.js';
import { loadConfig } from '../../src/config.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, readAnswer, testServer } from '../helper.js';
import { head, refusalCodes, sendRaw } from '../http/raw.js';
import { watchStatements } from '../statements.js';

const server = testServer();
const viewer = '{ viewer { kind } }';
const createToken = 'mutation { createApiToken(name: "New", abilities: []) { plainTextToken } }';
const unknownId = '01a2025c-c21e-7651-aa65-35edfbad985a';

let user: User;
let session: Client;
let program: Client;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
  session = await server().withSession(user);
  program = await server().actingAs(user, ['read']);
});

interface RawAnswer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends exactly these headers; `fetch` would join, trim or refuse some of them. */
function raw(headers: Record<string, string | string[]>, query = ''): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const outgoing = request(
    `${server().url}${query}`,
    { method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...headers } },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    },
  );
  outgoing.on('error', reject);
  outgoing.end(JSON.stringify({ query: viewer }));
  return promise;
}

/** What the answer's headers say, without those that differ from one request to the next. */
function lasting({ 'x-request-id': _id, date: _date, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}

function withLastCharacterChanged(token: string): string {
  return token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** A token of the user in another state than it was issued in. */
async function changedToken(assignment: string): Promise<string> {
  const { token } = await server().actingAs(user, ['read']);
  await server().sql(`update api_tokens set ${assignment} where id = $1`, [parseToken('lk', token)?.id]);
  return token;
}

async function revokedToken(): Promise<string> {
  const { token } = await server().actingAs(user, ['read']);
  await server().sql('delete from api_tokens where id = $1', [parseToken('lk', token)?.id]);
  return token;
}

async function tokenOfDisabledUser(): Promise<string> {
  const owner = await server().user();
  const { token } = await server().actingAs(owner, ['read']);
  await server().sql('update users set disabled_at = now() where id = $1', [owner.id]);
  return token;
}

async function tokenOfDeletedUser(): Promise<string> {
  const owner = await server().user();
  const { token } = await server().actingAs(owner, ['read']);
  await server().sql('delete from users where id = $1', [owner.id]);
  return token;
}

type Headers = Record<string, string | string[]>;

/** Each makes the headers, and the query string, of a request with a bad bearer out of a good token. */
const badRequests: {
  name: string;
  headers?: (good: string) => Headers | Promise<Headers>;
  query?: (good: string) => string;
}[] = [
  { name: 'an empty Authorization header', headers: () => ({ authorization: '' }) },
  { name: 'the scheme alone', headers: () => ({ authorization: 'Bearer' }) },
  { name: 'the scheme and a space', headers: () => ({ authorization: 'Bearer ' }) },
  { name: 'the scheme in lower case and a word', headers: () => ({ authorization: 'bearer x' }) },
  { name: 'white space all around', headers: () => ({ authorization: ' \t Bearer x \t ' }) },
  { name: 'the scheme, two spaces and a word', headers: () => ({ authorization: 'Bearer  x' }) },
  { name: 'a word that is no token', headers: () => bearer('x') },
  { name: 'the token without a scheme', headers: (good) => ({ authorization: good }) },
  { name: 'the token glued to the scheme', headers: (good) => ({ authorization: `Bearer${good}` }) },
  { name: 'a colon after the scheme', headers: (good) => ({ authorization: `Bearer: ${good}` }) },
  { name: 'a tab after the scheme', headers: (good) => ({ authorization: `Bearer\t${good}` }) },
  { name: 'a tab inside the token', headers: (good) => bearer(good.replace('_', '_\t')) },
  {
    name: 'the scheme Basic',
    headers: (good) => ({ authorization: `Basic ${Buffer.from(`x:${good}`).toString('base64')}` }),
  },
  { name: 'the scheme Basic with the token itself', headers: (good) => ({ authorization: `Basic ${good}` }) },
  { name: 'two words', headers: (good) => bearer(`${good} b`) },
  { name: 'a comma list of two tokens', headers: (good) => bearer(`${good}, ${good}`) },
  { name: 'a comma list of two credentials', headers: (good) => bearer(`${good}, Bearer ${good}`) },
  {
    name: 'two Authorization headers with the same token',
    headers: (good) => ({ authorization: [`Bearer ${good}`, `Bearer ${good}`] }),
  },
  {
    name: 'two Authorization headers, the first good',
    headers: (good) => ({ authorization: [`Bearer ${good}`, 'Bearer x'] }),
  },
  {
    name: 'two Authorization headers, the second good',
    headers: (good) => ({ authorization: ['Basic eDp4', `Bearer ${good}`] }),
  },
  { name: 'quotes around the token', headers: (good) => bearer(`"${good}"`) },
  { name: 'the form of Sanctum', headers: () => bearer('1|a') },
  { name: 'a bar alone', headers: () => bearer('|') },
  { name: 'a number and a bar', headers: () => bearer('1|') },
  { name: 'a bar and a word', headers: () => bearer('|x') },
  { name: 'words around a bar', headers: () => bearer('x|y') },
  // PostgreSQL answers such ids with errors of its own: 22P02 for no number, 22003 for one that is too large.
  { name: 'an id that is no id', headers: (good) => bearer(good.replace(/_.{26}_/, '_abc_')) },
  { name: 'an id beyond all ids', headers: (good) => bearer(good.replace(/_.{26}_/, `_${'9'.repeat(26)}_`)) },
  { name: 'a UUID for an id', headers: (good) => bearer(good.replace(/_.{26}_/, `_${unknownId}_`)) },
  { name: 'a number that overflows', headers: () => bearer('9999999999999999999999|x') },
  { name: 'unicode', headers: () => bearer(Buffer.from('lk_☃💚').toString('latin1')) },
  { name: 'unicode behind the token', headers: (good) => bearer(good + Buffer.from('é').toString('latin1')) },
  { name: '15 kB', headers: () => bearer('a'.repeat(15_000)) },
  { name: '15 kB that begin like a token', headers: (good) => bearer(good + '0'.repeat(15_000)) },
  { name: 'a percent-encoded token', headers: (good) => bearer(good.replaceAll('_', '%5F')) },
  { name: 'SQL', headers: () => bearer("lk_'or'1'='1") },
  { name: 'the token in capitals', headers: (good) => bearer(good.toUpperCase()) },
  { name: 'a wrong checksum', headers: (good) => bearer(withLastCharacterChanged(good)) },
  { name: 'another prefix', headers: (good) => bearer(good.replace(/^lk_/, 'kl_')) },
  { name: 'an unknown id', headers: () => bearer(formatToken('lk', { id: unknownId, secret: newSecret() })) },
  {
    name: 'the nil id',
    headers: () => bearer(formatToken('lk', { id: '00000000-0000-0000-0000-000000000000', secret: newSecret() })),
  },
  {
    name: 'a known id with a wrong secret',
    headers: (good) => bearer(formatToken('lk', { id: parseToken('lk', good)?.id ?? '', secret: newSecret() })),
  },
  {
    name: 'the secret of one token with the id of another',
    headers: async (good) => {
      const other = parseToken('lk', (await server().actingAs(user, ['read'])).token);
      return bearer(formatToken('lk', { id: other?.id ?? '', secret: parseToken('lk', good)?.secret ?? '' }));
    },
  },
  {
    name: 'an expired token',
    headers: async () => bearer(await changedToken("expires_at = now() - interval '1 second'")),
  },
  { name: 'a revoked token', headers: async () => bearer(await revokedToken()) },
  { name: 'a token of a disabled user', headers: async () => bearer(await tokenOfDisabledUser()) },
  { name: 'a token of a deleted user', headers: async () => bearer(await tokenOfDeletedUser()) },
  { name: 'a token in the query string as access_token', query: (good) => `?access_token=${good}` },
  { name: 'anything in the query string as access_token', query: () => '?access_token=x' },
  { name: 'a token in the query string under another name', query: (good) => `?token=${good}` },
  {
    name: 'a good bearer and a token in the query string',
    headers: (good) => bearer(good),
    query: (good) => `?a=b&token=${good}`,
  },
  { name: 'a token in a cookie', headers: (good) => ({ cookie: `token=${good}` }) },
  { name: 'a token in the cookie of the session', headers: (good) => ({ cookie: `latchkey=${good}` }) },
  {
    name: 'a good bearer and a token in a cookie',
    headers: (good) => ({ ...bearer(good), cookie: `a=b; token=${good}` }),
  },
];

/** The request of a row, as {@link raw} takes it. */
async function badRequest({ headers, query }: (typeof badRequests)[number]): Promise<[Headers, string]> {
  return [(await headers?.(program.token)) ?? {}, query?.(program.token) ?? ''];
}

describe('A1 a bad bearer', () => {
  let reference: RawAnswer;

  beforeAll(async () => {
    reference = await raw(bearer('lk_nothing'));
  });

  test('is told one sentence, and by a header what is wanted', () => {
    expect(reference.status).toBe(401);
    expect(reference.headers['www-authenticate']).toBe('Bearer');
    expect(reference.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(reference.body)).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test.each(badRequests)('is refused with the same bytes: $name', async (row) => {
    const answer = await raw(...(await badRequest(row)));
    expect(answer.status).toBe(401);
    expect(answer.body).toBe(reference.body);
    expect(lasting(answer.headers)).toEqual(lasting(reference.headers));
  });

  test.each([
    ['nothing', undefined],
    ['anything', '*/*'],
    ['the media type of GraphQL', 'application/graphql-response+json'],
    ['plain JSON', 'application/json'],
    ['plain JSON first', 'application/json, application/graphql-response+json;q=0.5'],
    ['HTML', 'text/html'],
    ['nothing that exists', 'x/y;q=0'],
    ['what cannot be read', ',;=/'],
  ])('is a 401 with the same body for one who accepts %s', async (_name, accept) => {
    const answer = await raw({ ...bearer('x'), ...(accept === undefined ? {} : { accept }) });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).toBe(reference.body);
  });

  test.each(badRequests)('never falls back to the session of the cookie: $name', async (row) => {
    const [headers, query] = await badRequest(row);
    const cookie = headers.cookie === undefined ? session.cookie : `${headers.cookie}; ${session.cookie}`;
    const answer = await raw({ ...headers, cookie, 'sec-fetch-site': 'same-origin' }, query);
    expect(answer.status).toBe(401);
    expect(answer.body).toBe(reference.body);
  });

  test('A3 is refused with the same bytes whatever visible text it is, the good one with a change in it too', async () => {
    const words = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    });
    const text = fc.oneof(
      words,
      words.map((word) => `lk_${word}`),
      fc.nat(program.token.length - 1).map((at) => program.token.slice(0, at)),
      fc.tuple(fc.nat(program.token.length - 1), words).map(([at, word]) => {
        const [letter = ''] = word;
        const changed = program.token.slice(0, at) + letter + program.token.slice(at + 1);
        return changed === program.token ? `${changed}0` : changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        const answer = await raw(bearer(token));
        expect([answer.status, answer.body]).toEqual([401, reference.body]);
      }),
      { numRuns: 100 },
    );
  });

  test('of more than 16 kB is too large to be read', async () => {
    const answer = await sendRaw(
      server().origin,
      head('POST /graphql', { 'content-type': 'application/json', ...bearer(program.token + '0'.repeat(16_384)) }),
    );
    expect([answer.status, refusalCodes(answer.body)]).toEqual([431, ['HEADERS_TOO_LARGE']]);
  });

  test.each(['1|\0', 'lk_\0'])('with a NUL is no header: %j', async (token) => {
    const answer = await sendRaw(server().origin, head('POST /graphql', bearer(token)));
    expect([answer.status, refusalCodes(answer.body)]).toEqual([400, ['BAD_REQUEST']]);
  });

  test('in the body is nobody’s', async () => {
    const { token } = program;
    const response = await fetch(server().url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: viewer, access_token: token, token, variables: { access_token: token } }),
    });
    const answer = await readAnswer(response);
    expect(answer.data?.viewer.kind ?? answer.codes[0]).toMatch(/^(GUEST|BAD_REQUEST)$/);
    expect(answer.text).not.toContain(token);
  });

  test('A2 of a known id takes the same statement as one of an unknown id, and so does one that has ended', async () => {
    const tokens = [
      formatToken('lk', { id: parseToken('lk', program.token)?.id ?? '', secret: newSecret() }),
      formatToken('lk', { id: unknownId, secret: newSecret() }),
      await changedToken("expires_at = now() - interval '1 second'"),
      await revokedToken(),
      await tokenOfDisabledUser(),
    ];
    const statements = await watchStatements(server());
    try {
      for (const token of tokens) {
        await server().app.services.refusals.flush();
        statements.since();
        const answer = await raw(bearer(token));
        expect([answer.body, lasting(answer.headers)]).toEqual([reference.body, lasting(reference.headers)]);
        expect(statements.since()).toBe(1);
      }
    } finally {
      statements.stop();
    }
  });

  test('A2 of a known id reads as little as one of an unknown id', async () => {
    const known = parseToken('lk', program.token)?.id ?? '';
    const statements = await watchStatements(server());
    try {
      const read = [];
      for (const id of [known, unknownId]) {
        await raw(bearer(formatToken('lk', { id, secret: newSecret() })));
        const { text, values } = statements.sent().findLast(({ text }) => text.includes('api_tokens')) ?? {};
        read.push(await server().sql(text ?? '', [...(values ?? [])]));
      }
      expect(read[0]).toHaveLength(1);
      expect(read[0]).toEqual(read[1]);
    } finally {
      statements.stop();
    }
  });

  test('A2 is refused also when the right secret of the same id comes with it', async () => {
    const id = parseToken('lk', program.token)?.id ?? '';
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        raw(bearer(index % 2 === 0 ? (program.token ?? '') : formatToken('lk', { id, secret: newSecret() }))),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 2 === 0 ? 200 : 401)));
  });

  test('runs nothing', async () => {
    const before = await server().contents();
    const answer = await server().withToken('x').send(createToken, {}, { cookie: session.cookie });
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(answer.data).toBeUndefined();
    expect(await server().contents()).toEqual(before);
  });

  test('with a wrong checksum does not reach the database', async () => {
    await server().sql('alter table api_tokens rename to api_tokens_away');
    try {
      const wrong = await raw(bearer(withLastCharacterChanged(program.token)));
      expect(wrong.status).toBe(401);
      expect(wrong.body).toBe(reference.body);
      // A right checksum goes looking, and there is nothing to look at.
      const right = await program.send(viewer);
      expect(right.codes).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(right.status).toBe(500);
    } finally {
      await server().sql('alter table api_tokens_away rename to api_tokens');
    }
    expect((await program.send(viewer)).data.viewer.kind).toBe('TOKEN');
  });
});

describe('a good bearer', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])(
    'is taken whatever the case of the scheme: %s',
    async (scheme) => {
      const answer = await raw({ authorization: `${scheme} ${program.token}` });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ data: { viewer: { kind: 'TOKEN' } } });
    },
  );

  test('is taken with several spaces after the scheme, as RFC 9110 writes it', async () => {
    expect((await raw({ authorization: `Bearer   ${program.token}` })).status).toBe(200);
  });

  test('wins over the cookie of a session', async () => {
    const both = await program.send('{ viewer { kind abilities } }', {}, { cookie: session.cookie });
    expect(both.data.viewer.kind).toBe('TOKEN');
    const alone = await program.send('{ viewer { kind abilities } }');
    expect(both.data).toEqual(alone.data);
    const managed = await program.send(createToken, {}, { cookie: session.cookie });
    expect(managed.codes).toEqual(['SESSION_REQUIRED']);
  });

  test('needs no word about the page that it comes from', async () => {
    const answer = await raw({ ...bearer(program.token), 'sec-fetch-site': 'cross-site', cookie: session.cookie });
    expect(JSON.parse(answer.body)).toEqual({ data: { viewer: { kind: 'TOKEN' } } });
  });

  test('A1 is taken with white space after it, which is no part of a header', async () => {
    const answer = await sendRaw(
      server().origin,
      head('POST /graphql', {
        'content-type': 'application/json',
        'content-length': JSON.stringify({ query: viewer }).length,
        authorization: `  Bearer ${program.token} \t `,
      }),
      JSON.stringify({ query: viewer }),
    );
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { data: { viewer: { kind: 'TOKEN' } } }]);
  });

  test('is not needed by a guest, and a cookie of another name is nobody', async () => {
    expect(JSON.parse((await raw({})).body)).toEqual({ data: { viewer: { kind: 'GUEST' } } });
    expect(JSON.parse((await raw({ cookie: 'other=lk' })).body)).toEqual({ data: { viewer: { kind: 'GUEST' } } });
  });

  test('never ends a session: the cookie goes on', async () => {
    await program.send(viewer, {}, { cookie: session.cookie });
    expect((await session.send(viewer)).data.viewer.kind).toBe('SESSION');
  });
});

describe('A4 the end of a token', () => {
  /** Asks the strategy itself, so that the moment of the request is exact. */
  async function isTakenAt(token: string, now: Date): Promise<boolean> {
    const facts: RequestFacts = {
      id: '',
      ip: '127.0.0.1',
      userAgent: null,
      authorization: [`Bearer ${token}`],
      sessionSecret: null,
      runAs: [],
      strayToken: false,
      trustedOrigin: false,
    };
    const [strategy] = server().app.services.strategies;
    try {
      return (await strategy?.(facts, now))?.principal.kind === 'TOKEN';
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNAUTHENTICATED' });
      return false;
    }
  }

  const end = new Date('2037-05-06T07:08:09.123Z');
  const at = (ms: number) => new Date(end.getTime() + ms);

  test('is the moment that was given: one millisecond before it is taken, at it and after it refused', async () => {
    const { token } = await server().actingAs(user, ['read'], end);
    expect(await isTakenAt(token, at(-1))).toBe(true);
    expect(await isTakenAt(token, at(0))).toBe(false);
    expect(await isTakenAt(token, at(1))).toBe(false);
  });

  test('does not come for a token without one', async () => {
    const { token } = await server().actingAs(user, ['read']);
    expect(await isTakenAt(token, new Date('9999-12-31T23:59:59.999Z'))).toBe(true);
  });

  test('is the one of the settings, to the millisecond, when that comes first', async () => {
    const { token } = await server().actingAs(user, ['read'], at(86_400_000));
    await server().sql('update api_tokens set created_at = $1 where id = $2', [
      new Date(end.getTime() - 7 * 86_400_000).toISOString(),
      parseToken('lk', token)?.id,
    ]);
    await server().sql('update api_settings set maximum_token_lifetime_days = 7');
    try {
      expect(await isTakenAt(token, at(-1))).toBe(true);
      expect(await isTakenAt(token, at(0))).toBe(false);
    } finally {
      await server().sql('update api_settings set maximum_token_lifetime_days = null');
    }
    expect(await isTakenAt(token, at(0))).toBe(true);
    expect(await isTakenAt(token, at(86_400_000))).toBe(false);
  });
});

describe('A12 the switch of the API', () => {
  const apiTokens = '{ apiTokens { nodes { id } } }';
  const setEnabled = 'mutation ($enabled: Boolean!) { updateApiSettings(enabled: $enabled) { enabled } }';
  const fresh = testServer();

  test('is off at first, so that every bearer is refused while sessions go on', async () => {
    const owner = await fresh().administrator();
    const token = await fresh().actingAs(owner, ['read']);
    const browser = await fresh().withSession(owner);
    const answer = await token.send(viewer);
    expect(answer.codes).toEqual(['API_DISABLED']);
    expect(answer.status).toBe(403);
    expect((await browser.send(viewer)).data.viewer.kind).toBe('SESSION');
    expect((await fresh().asGuest().send('{ apiSettings { enabled } }')).data.apiSettings.enabled).toBe(false);

    const unknown = await fresh()
      .withToken(formatToken('lk', { id: unknownId, secret: newSecret() }))
      .send(viewer);
    expect(unknown.text).toBe(answer.text);
    const malformed = await fresh().withToken('x').send(viewer);
    expect(malformed.codes).toEqual(['UNAUTHENTICATED']);
  });

  test('is a 403 for one who accepts plain JSON too', async () => {
    const token = await fresh().actingAs(await fresh().user(), ['read']);
    const answer = await token.send(viewer, {}, { accept: 'application/json' });
    expect(answer.codes).toEqual(['API_DISABLED']);
    expect(answer.status).toBe(403);
  });

  test('off, keeps a session from managing tokens and a device from getting one', async () => {
    const owner = await fresh().user();
    await fresh().actingAs(owner, ['read']);
    const browser = await fresh().withSession(owner);
    const before = await fresh().contents();
    const id = 'token_01h455vb4pex5vsknk084sn02q';
    for (const document of [
      apiTokens,
      createToken,
      `mutation { updateApiToken(id: "${id}", name: "x") { id } }`,
      `mutation { deleteApiToken(id: "${id}") }`,
      `mutation { issueApiToken(email: "${owner.email}", password: "${password}", deviceName: "x") { plainTextToken } }`,
    ]) {
      const answer = await browser.send(document);
      expect(answer.codes).toEqual(['API_DISABLED']);
      expect(answer.status).toBe(403);
      expect(answer.data).toBeUndefined();
    }
    expect(await fresh().contents()).toEqual(before);
    expect((await fresh().asGuest().send(apiTokens)).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('holds from the next request on, in both directions, and the same token works again', async () => {
    const admin = await fresh().withSession(await fresh().administrator());
    const owner = await fresh().user();
    const token = await fresh().actingAs(owner, ['read']);
    const rows = await fresh().sql('select id, secret_hash from api_tokens order by id');
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await admin.send(setEnabled, { enabled: true })).errors).toBeUndefined();
      expect((await token.send(viewer)).data.viewer.kind).toBe('TOKEN');
      expect((await admin.send(setEnabled, { enabled: false })).errors).toBeUndefined();
      expect((await token.send(viewer)).codes).toEqual(['API_DISABLED']);
    }
    expect(await fresh().sql('select id, secret_hash from api_tokens order by id')).toEqual(rows);
  });

  test('stops every request that begins after its answer, whatever is under way meanwhile', async () => {
    await fresh().api(true);
    const admin = await fresh().withSession(await fresh().administrator());
    const token = await fresh().actingAs(await fresh().user(), ['read']);
    const answers = await Promise.all([
      admin.send(setEnabled, { enabled: false }),
      ...Array.from({ length: 10 }, () => token.send(viewer)),
    ]);
    for (const answer of answers.slice(1)) {
      expect(answer.codes.length === 0 ? answer.data.viewer.kind : answer.codes[0]).toMatch(/^(TOKEN|API_DISABLED)$/);
    }
    const later = await Promise.all(Array.from({ length: 20 }, () => token.send(viewer)));
    expect(new Set(later.map((answer) => answer.codes[0]))).toEqual(new Set(['API_DISABLED']));
  });

  const onSharedDatabase = process.env.DATABASE_URL ? test : test.skip;

  onSharedDatabase('and a revocation hold on a second server on the same database', async () => {
    const second = await createApp(
      loadConfig({
        NODE_ENV: 'test',
        PORT: '0',
        LOG_LEVEL: 'silent',
        DATABASE_URL: fresh().app.services.config.databaseUrl,
      }),
    );
    try {
      const url = await second.listen();
      const owner = await fresh().user();
      await fresh().api(true);
      const token = await fresh().actingAs(owner, ['read']);
      const ask = async () =>
        (
          await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...bearer(token.token) },
            body: JSON.stringify({ query: viewer }),
          })
        ).status;
      expect(await ask()).toBe(200);
      const admin = await fresh().withSession(await fresh().administrator());
      await admin.send(setEnabled, { enabled: false });
      expect(await ask()).toBe(403);
      await admin.send(setEnabled, { enabled: true });
      expect(await ask()).toBe(200);
      expect((await token.send('mutation { revokeCurrentApiToken }')).errors).toBeUndefined();
      expect(new Set(await Promise.all(Array.from({ length: 20 }, ask)))).toEqual(new Set([401]));
    } finally {
      await second.close();
    }
  });
});
