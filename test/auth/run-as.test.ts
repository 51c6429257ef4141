import 'reflect-metadata';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, testServer } from '../helper.js';
import { head, sendRaw } from '../http/raw.js';
import { watchStatements } from '../statements.js';

const server = testServer({ LOGIN_ATTEMPTS_PER_ADDRESS: '1000', REGISTRATIONS_PER_ADDRESS: '1000' });
const viewer = '{ viewer { kind abilities user { __typename } token { id name abilities } } }';
const who = '{ viewer { kind abilities token { id } } }';
const missing = apiTokenId.encode('01a2025c-c21e-7651-aa65-35edfbad985a');

let user: User;
let browser: Client;

const idOf = (client: Client) => apiTokenId.encode(parseToken('lk', client.token)?.id ?? '');
const as = (wish: string, document: string, variables = {}, client = browser) =>
  client.send(document, variables, { 'x-run-as': wish });
const refused = ({ codes, status, data }: Answer) => [codes, status, data];

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

beforeEach(async () => {
  browser = await server().withSession(user);
});

describe('a session that runs as a set of abilities', () => {
  test('is a token with these abilities and all that they imply, for this one request', async () => {
    const answer = await as('abilities=post:update, read,read', viewer);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.viewer).toMatchObject({
      kind: 'TOKEN',
      abilities: expect.arrayContaining(['post:read', 'post:update', 'read', 'user:read']),
      token: null,
    });
    expect(answer.data.viewer.abilities).not.toContain('post:delete');
    expect(answer.headers.get('x-token-abilities')).toBe('post:update, read');
    expect((await browser.send(who)).data.viewer.kind).toBe('SESSION');
  });

  test('may be one that can nothing', async () => {
    expect((await as('abilities=', who)).data.viewer).toEqual({ kind: 'TOKEN', abilities: [], token: null });
    const answer = await as('abilities=', '{ posts { nodes { id } } }');
    expect(refused(answer)).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ missing: ['post:read'], granted: [] });
    expect(answer.errors?.[0]?.extensions).not.toHaveProperty('fix');
  });

  test('never can more than its user may', async () => {
    const wish = 'abilities=settings:update,read';
    const settings = '{ apiSettings { updatedAt } }';
    expect(refused(await as(wish, settings))).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    const administrator = await server().withSession(await server().administrator());
    expect((await as(wish, settings, {}, administrator)).errors).toBeUndefined();
    expect((await as('abilities=read', '{ users { nodes { id } } }')).codes).toEqual(['FORBIDDEN']);
  });

  test('changes data as a token would', async () => {
    const create = 'mutation { createPost(title: "As a token", body: "") { id author { id } } }';
    expect((await as('abilities=post:read', create)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    const made = await as('abilities=post:create,read', create);
    expect(made.data.createPost.author.id).toBe(publicIdOf.user(user));
  });

  test('is what accessPlan answers for', async () => {
    const plan = '{ accessPlan(document: "mutation { deletePost(id: 1) }") { granted missing } }';
    expect((await as('abilities=post:delete', plan)).data.accessPlan).toEqual({
      granted: ['post:delete'],
      missing: [],
    });
    expect((await as('abilities=read', plan)).data.accessPlan).toEqual({ granted: [], missing: ['post:delete'] });
  });

  test.each([
    ['post:explode', ['"post:explode" is not an ability.']],
    ['read,nope,post:explode,nope', ['"nope" is not an ability.', '"post:explode" is not an ability.']],
    ['*', ['"*" is not an ability.']],
    ['READ', ['"READ" is not an ability.']],
    [',', ['"" is not an ability.']],
    ['read,', ['"" is not an ability.']],
    ['__proto__', ['"__proto__" is not an ability.']],
    ['read;update', ['"read;update" is not an ability.']],
    [`read,${'x'.repeat(100)}`, [`"${'x'.repeat(64)}" is not an ability.`]],
  ])('Z11: takes no name that is in no catalogue: %s', async (names, problems) => {
    const answer = await as(`abilities=${names}`, who);
    expect(refused(answer)).toEqual([['BAD_USER_INPUT'], 400, undefined]);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ 'X-Run-As': problems });
  });
});

describe('a session that runs as a token of its user', () => {
  test('can what that token can, and is that token to whoever asks', async () => {
    const token = await server().actingAs(user, ['read'], new Date('2040-01-01T00:00:00Z'));
    const real = await token.send(viewer);
    await server().app.services.usage.flush();
    const answer = await as(`token=${idOf(token)}`, viewer);
    expect(answer.text).toBe(real.text);
    for (const header of ['x-token-abilities', 'x-token-expires-at', 'x-required-abilities']) {
      expect(answer.headers.get(header)).toBe(real.headers.get(header));
    }
  });

  test('follows it when it is changed, and is refused when it is gone', async () => {
    const token = await server().actingAs(user, ['read']);
    const posts = '{ posts { nodes { id } } }';
    expect((await as(`token=${idOf(token)}`, posts)).errors).toBeUndefined();
    await browser.send('mutation ($id: ID!) { updateApiToken(id: $id, abilities: []) { id } }', { id: idOf(token) });
    const answer = await as(`token=${idOf(token)}`, posts);
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.text).toBe((await token.send(posts)).text);
    await browser.send('mutation ($id: ID!) { deleteApiToken(id: $id) }', { id: idOf(token) });
    expect(refused(await as(`token=${idOf(token)}`, posts))).toEqual([['NOT_FOUND'], 404, undefined]);
  });

  test('is refused as the token is when it has expired, by its own end and by that of the settings', async () => {
    const token = await server().actingAs(user, ['read'], new Date('2040-01-01T00:00:00Z'));
    const uuid = apiTokenId.decode(idOf(token));
    await server().sql("update api_tokens set expires_at = now() - interval '1 second' where id = $1", [uuid]);
    const real = await token.send(who);
    const answer = await as(`token=${idOf(token)}`, who);
    expect([answer.status, answer.text]).toEqual([401, real.text]);
    await server().sql("update api_tokens set expires_at = null, created_at = '2020-01-01' where id = $1", [uuid]);
    expect((await as(`token=${idOf(token)}`, who)).errors).toBeUndefined();
    await server().sql('update api_settings set maximum_token_lifetime_days = 30');
    try {
      expect((await as(`token=${idOf(token)}`, who)).codes).toEqual(['UNAUTHENTICATED']);
    } finally {
      await server().sql('update api_settings set maximum_token_lifetime_days = null');
    }
  });

  test('Z4: cannot tell another person’s token from a missing one, not even as an administrator', async () => {
    const theirs = await server().actingAs(await server().user(), ['read']);
    const administrator = await server().withSession(await server().administrator());
    for (const client of [browser, administrator]) {
      const answer = await as(`token=${idOf(theirs)}`, who, {}, client);
      const none = await as(`token=${missing}`, who, {}, client);
      expect(refused(answer)).toEqual([['NOT_FOUND'], 404, undefined]);
      expect(answer.text).toBe(none.text);
    }
  });

  test('does not count as a use of it', async () => {
    const token = await server().actingAs(user, ['read']);
    expect((await as(`token=${idOf(token)}`, who)).data.viewer.token.id).toBe(idOf(token));
    await server().app.services.usage.flush();
    expect(
      await server().sql('select last_used_at, last_used_ip from api_tokens where id = $1', [
        apiTokenId.decode(idOf(token)),
      ]),
    ).toEqual([{ last_used_at: null, last_used_ip: null }]);
  });

  test.each([
    '',
    'x',
    missing.toUpperCase(),
    missing.replace('token', 'user'),
    `${missing}0`,
    ` ${missing}`,
    `${missing},`,
  ])('takes nothing but an id of a token: %j', async (id) => {
    const answer = await as(`token=${id}`, who);
    expect(refused(answer)).toEqual([['BAD_USER_INPUT'], 400, undefined]);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ 'X-Run-As': ['must name the id of a token.'] });
  });
});

describe('X-Run-As', () => {
  const once = 'must be sent once, as `abilities=` with a list, or as `token=` with an id.';

  test.each([
    '',
    'read',
    'abilities',
    'Abilities=read',
    'abilities:read',
    'user=ada',
    '=',
    'session',
    'abilities =read',
  ])('says one of two things: not %j', async (wish) => {
    const answer = await as(wish, who);
    expect(refused(answer)).toEqual([['BAD_USER_INPUT'], 400, undefined]);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ 'X-Run-As': [once] });
  });

  test('is sent once: two are refused, although they say the same', async () => {
    const body = JSON.stringify({ query: who });
    const answer = await sendRaw(
      server().origin,
      head('POST /graphql', {
        'content-type': 'application/json',
        'content-length': body.length,
        'sec-fetch-site': 'same-origin',
        cookie: browser.cookie,
        'x-run-as': 'abilities=',
        'X-Run-As': 'abilities=',
      }),
      body,
    );
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).errors[0].extensions).toEqual({
      code: 'BAD_USER_INPUT',
      fields: { 'X-Run-As': [once] },
    });
  });

  test('is for sessions: a bearer and a guest are refused, before anything runs', async () => {
    const token = await server().actingAs(user, ['*']);
    for (const wish of ['abilities=', `token=${idOf(token)}`, 'nonsense']) {
      expect(refused(await as(wish, who, {}, token))).toEqual([['SESSION_REQUIRED'], 403, undefined]);
      expect(refused(await as(wish, who, {}, server().asGuest()))).toEqual([['UNAUTHENTICATED'], 401, undefined]);
      const both = await browser.send(who, {}, { 'x-run-as': wish, authorization: `Bearer ${token.token}` });
      expect(refused(both)).toEqual([['SESSION_REQUIRED'], 403, undefined]);
    }
    const bad = await as('abilities=', who, {}, server().withToken('lk_nonsense'));
    expect(refused(bad)).toEqual([['UNAUTHENTICATED'], 401, undefined]);
    const stale = await server().asGuest().send(who, {}, { cookie: 'latchkey=nobody', 'x-run-as': 'abilities=' });
    expect(refused(stale)).toEqual([['UNAUTHENTICATED'], 401, undefined]);
  });

  test('is refused while the API is off, as every token is', async () => {
    const token = await server().actingAs(user, ['read']);
    await server().api(false);
    try {
      const real = await token.send(who);
      for (const wish of ['abilities=read', 'abilities=', `token=${idOf(token)}`, `token=${missing}`]) {
        const answer = await as(wish, who);
        expect([answer.status, answer.text]).toEqual([403, real.text]);
      }
      expect((await as('abilities=nope', who)).codes).toEqual(['BAD_USER_INPUT']);
      expect((await browser.send(who)).data.viewer.kind).toBe('SESSION');
    } finally {
      await server().api(true);
    }
  });

  test('lifts nothing of the protection against forged requests', async () => {
    const answer = await browser.send(who, {}, { 'sec-fetch-site': 'cross-site', 'x-run-as': 'abilities=' });
    expect(refused(answer)).toEqual([['CSRF_REFUSED'], 403, undefined]);
  });

  test('is no header that a page of another origin may send', async () => {
    const response = await fetch(server().url, {
      method: 'OPTIONS',
      headers: {
        origin: server().origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-run-as',
      },
    });
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase() ?? '').not.toContain('run-as');
  });

  test('costs a statement for a token, and none for abilities', async () => {
    const token = await server().actingAs(user, []);
    await browser.send(who);
    await server().app.services.usage.flush();
    const statements = await watchStatements(server());
    try {
      await browser.send('{ viewer { kind } }');
      expect(statements.since()).toBe(1);
      await as('abilities=read', '{ viewer { kind } }');
      expect(statements.since()).toBe(1);
      await as(`token=${idOf(token)}`, '{ viewer { kind } }');
      expect(statements.since()).toBe(2);
    } finally {
      statements.stop();
    }
  });
});

describe('Z2: what a session that runs as a token cannot do', () => {
  const { tree } = guardedSchema(modules);
  const changing = [...tree.fields.values()].filter((field) => field.changesPrincipal).map((field) => field.coordinate);
  const given = () => ({
    email: user.email,
    fresh: `new-${user.id}@example.com`,
    password,
    next: 'another password',
  });
  const documents: Record<string, [document: string, code: string]> = {
    'Mutation.login': ['login(email: $email, password: $password) { kind }', 'FORBIDDEN'],
    'Mutation.register': ['register(name: "New", email: $fresh, password: $password) { kind }', 'FORBIDDEN'],
    'Mutation.logout': ['logout { kind }', 'SESSION_REQUIRED'],
    'Mutation.updateAccount': ['updateAccount(name: "Other") { kind }', 'SESSION_REQUIRED'],
    'Mutation.updatePassword': [
      'updatePassword(currentPassword: $password, newPassword: $next) { kind }',
      'SESSION_REQUIRED',
    ],
    'Mutation.deleteAccount': ['deleteAccount(password: $password) { kind }', 'SESSION_REQUIRED'],
  };

  test('every field that changes who is asking is tried here', () => {
    expect(Object.keys(documents).sort()).toEqual(changing.sort());
  });

  test.each(Object.entries(documents))('%s', async (_coordinate, [field, code]) => {
    const used = Object.entries(given()).filter(([name]) => field.includes(`$${name}`));
    const declared = used.map(([name]) => `$${name}: String!`).join(', ');
    const document = `mutation ${declared === '' ? '' : `(${declared})`} { ${field} }`;
    const token = await server().actingAs(user, ['*']);
    const before = await server().contents();
    const cookie = browser.cookie;
    for (const wish of ['abilities=', 'abilities=create,read,update,delete', `token=${idOf(token)}`]) {
      const answer = await as(wish, document, Object.fromEntries(used));
      expect(refused(answer)).toEqual([[code], 403, undefined]);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(browser.cookie).toBe(cookie);
    }
    expect(await server().contents()).toEqual(before);
    expect((await browser.send(who)).data.viewer.kind).toBe('SESSION');
  });

  test.each([
    ['end the token that it runs as', 'mutation { revokeCurrentApiToken }', 'FORBIDDEN'],
    ['list the tokens', '{ apiTokens { nodes { id } } }', 'SESSION_REQUIRED'],
    ['make a token', 'mutation { createApiToken(name: "x", abilities: []) { plainTextToken } }', 'SESSION_REQUIRED'],
    ['list the sessions', '{ sessions { id } }', 'SESSION_REQUIRED'],
    ['end the other sessions', 'mutation { revokeOtherSessions }', 'SESSION_REQUIRED'],
    ['see everyone’s tokens', '{ allApiTokens { nodes { id } } }', 'SESSION_REQUIRED'],
    [
      'make an administrator',
      `mutation { updateUser(id: "${missing}", administrator: true) { id } }`,
      'SESSION_REQUIRED',
    ],
  ])('%s', async (_what, document, code) => {
    const administrator = await server().administrator();
    const client = await server().withSession(administrator);
    const token = await server().actingAs(administrator, ['*']);
    const before = await server().contents();
    for (const wish of ['abilities=create,read,update,delete,settings:update', `token=${idOf(token)}`]) {
      expect(refused(await as(wish, document, {}, client))).toEqual([[code], 403, undefined]);
    }
    expect(await server().contents()).toEqual(before);
    expect((await token.send(who)).data.viewer.kind).toBe('TOKEN');
  });

  test('any of it beside what it can', async () => {
    const before = await server().contents();
    const answer = await as(
      'abilities=post:create,read',
      'mutation { createPost(title: "x", body: "") { id } revokeCurrentApiToken }',
    );
    expect(answer.codes).toEqual(['FORBIDDEN']);
    expect(await server().contents()).toEqual(before);
  });
});
