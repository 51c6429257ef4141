import 'reflect-metadata';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { commandLine, serverStart } from '../../src/auth/audit.js';
import { sessionId } from '../../src/auth/session-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { pruneExpiredTokens } from '../../src/tokens/expiry.js';
import { changeStanding } from '../../src/users/standing.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer({ TOKENS_PER_USER: '5' });
const next = 'a canary that sings of passwords';
const change = (name: string, before: string | null, after: string | null) => ({ name, before, after });

let user: User;
let browser: Client;
let administrator: User;
let console: Client;

/** Every event since the last look, the oldest first, as its columns say. */
async function written(): Promise<Record<string, any>[]> {
  await server().app.services.refusals.flush();
  return server().sql('select * from audit_events order by id');
}

const ofSession = async (client: Client): Promise<string> => {
  const { data } = await client.send('{ sessions { id isCurrent } }');
  const { id } = data.sessions.find(({ isCurrent }: { isCurrent: boolean }) => isCurrent);
  return sessionId.decode(id) ?? '';
};
const sent = async (client: Client, document: string, variables: Record<string, unknown> = {}) => {
  const answer = await client.send(document, variables, { 'user-agent': 'a browser/1.0' });
  expect(answer.errors).toBeUndefined();
  return answer;
};
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const byBrowser = async () => ({
  via: 'GRAPHQL',
  actor_id: user.id,
  credential_kind: 'SESSION',
  credential_id: await ofSession(browser),
  ip: '127.0.0.1',
  user_agent: 'a browser/1.0',
  request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  outcome: 'DONE',
  code: null,
  attempts: 1,
});

beforeAll(async () => {
  await server().api(true);
  administrator = await server().administrator();
  console = await server().withSession(administrator);
});

beforeEach(async () => {
  user = await server().user();
  browser = await server().withSession(user);
  await server().sql('delete from audit_events');
});

describe('a change of sessions', () => {
  test('login writes that a session begins, by the password', async () => {
    const guest = server().asGuest();
    await sent(guest, login, { email: user.email, password });
    const id = await ofSession(guest);
    expect(await written()).toEqual([
      expect.objectContaining({
        action: 'session.begin',
        outcome: 'DONE',
        actor_id: user.id,
        credential_kind: 'PASSWORD',
        credential_id: null,
        subject_type: 'SESSION',
        subject_id: id,
        owner_id: user.id,
        ip: '127.0.0.1',
        user_agent: 'a browser/1.0',
        changes: [],
      }),
    ]);
  });

  test('login in a browser that is signed in says which session it replaces', async () => {
    const before = sessionId.encode(await ofSession(browser));
    await sent(browser, login, { email: user.email, password });
    expect((await written()).map(({ action, changes }) => [action, changes])).toEqual([
      ['session.begin', [change('replaces', before, null)]],
    ]);
  });

  test('login to another account is written for the one whose session it replaces, too', async () => {
    const ended = await ofSession(browser);
    const other = await server().user();
    await server().sql('delete from audit_events');
    await sent(browser, login, { email: other.email, password });
    const facts = { outcome: 'DONE', actor_id: other.id, credential_kind: 'PASSWORD', subject_type: 'SESSION' };
    expect(await written()).toEqual([
      expect.objectContaining({ ...facts, action: 'session.begin', owner_id: other.id }),
      expect.objectContaining({ ...facts, action: 'session.end', owner_id: user.id, subject_id: ended, changes: [] }),
    ]);
  });

  test('logout and the end of another session are written once, with the session that asked', async () => {
    const other = await server().withSession(user);
    const ended = await ofSession(other);
    await server().sql('delete from audit_events');
    const by = await byBrowser();
    await sent(browser, 'mutation ($id: ID!) { revokeSession(id: $id) }', { id: sessionId.encode(ended) });
    await sent(browser, 'mutation { logout { kind } }');
    const end = { ...by, action: 'session.end', subject_type: 'SESSION', owner_id: user.id, changes: [] };
    expect(await written()).toEqual([
      expect.objectContaining({ ...end, subject_id: ended }),
      expect.objectContaining({ ...end, subject_id: by.credential_id }),
    ]);
  });

  test('the end of all others is one event with their number, and none when there are none', async () => {
    await server().withSession(user);
    await server().withSession(user);
    await server().sql('delete from audit_events');
    const by = await byBrowser();
    await sent(browser, 'mutation { revokeOtherSessions }');
    await sent(browser, 'mutation { revokeOtherSessions }');
    expect(await written()).toEqual([
      expect.objectContaining({
        ...by,
        action: 'session.end_others',
        subject_type: 'USER',
        subject_id: user.id,
        changes: [change('endedSessions', null, '2')],
      }),
    ]);
  });
});

describe('a change of tokens', () => {
  const create =
    'mutation ($abilities: [String!]! = ["read"]) { createApiToken(name: "CI", abilities: $abilities) { plainTextToken apiToken { id } } }';
  const uuid = (client: Client) => parseToken('lk', client.token)?.id ?? '';

  test('create, update and delete are written once each, with what changed', async () => {
    const by = await byBrowser();
    const { id } = (await sent(browser, create)).data.createApiToken.apiToken;
    const update =
      'mutation ($id: ID!, $name: String, $abilities: [String!]) { updateApiToken(id: $id, name: $name, abilities: $abilities) { id } }';
    await sent(browser, update, { id, abilities: ['read', 'post:update'] });
    await sent(browser, update, { id, name: 'CI' });
    await sent(browser, 'mutation ($id: ID!) { deleteApiToken(id: $id) }', { id });
    const about = { ...by, subject_type: 'TOKEN', subject_id: apiTokenId.decode(id), owner_id: user.id };
    expect(await written()).toEqual([
      expect.objectContaining({
        ...about,
        action: 'token.create',
        changes: [change('name', null, 'CI'), change('abilities', null, 'read')],
      }),
      expect.objectContaining({
        ...about,
        action: 'token.update',
        changes: [change('abilities', 'read', 'read, post:update')],
      }),
      expect.objectContaining({ ...about, action: 'token.revoke', changes: [change('name', 'CI', null)] }),
    ]);
  });

  test('a token that a device gets is written with the password', async () => {
    const issue =
      'mutation ($email: String!, $password: String!) { issueApiToken(email: $email, password: $password, deviceName: "Phone") { apiToken { id } } }';
    const { data } = await sent(server().asGuest(), issue, { email: user.email, password });
    expect(await written()).toEqual([
      expect.objectContaining({
        action: 'token.issue',
        actor_id: user.id,
        credential_kind: 'PASSWORD',
        subject_id: apiTokenId.decode(data.issueApiToken.apiToken.id),
        owner_id: user.id,
      }),
    ]);
  });

  test('a token that ends itself is its own credential; one that an administrator ends is not', async () => {
    const [first, second] = [await server().actingAs(user, []), await server().actingAs(user, [])];
    await server().sql('delete from audit_events');
    await sent(first, 'mutation { revokeCurrentApiToken }');
    await sent(console, 'mutation ($id: ID!) { revokeApiToken(id: $id) }', { id: apiTokenId.encode(uuid(second)) });
    expect((await written()).map((row) => [row.action, row.actor_id, row.credential_kind, row.credential_id])).toEqual([
      ['token.revoke', user.id, 'TOKEN', uuid(first)],
      ['token.revoke', administrator.id, 'SESSION', await ofSession(console)],
    ]);
  });

  test('what is refused or rolled back leaves no event of a change', async () => {
    const refused = await browser.send(create, { abilities: ['nonsense'] });
    expect(refused.codes).toEqual(['BAD_USER_INPUT']);
    for (let index = 0; index < 5; index += 1) {
      await server().actingAs(user, []);
    }
    await server().sql('delete from audit_events');
    expect((await browser.send(create)).codes).toEqual(['BAD_USER_INPUT']);
    expect(await written()).toEqual([]);
  });

  test('a change whose event cannot be written does not happen', async () => {
    await server().sql(`alter table audit_events add constraint shut check (action <> 'token.create') not valid`);
    try {
      const before = await server().contents();
      expect((await browser.send(create)).codes).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(await server().contents()).toEqual(before);
    } finally {
      await server().sql('alter table audit_events drop constraint shut');
    }
  });

  test('pruning is one event with the number, and none when nothing went', async () => {
    const client = await server().actingAs(user, []);
    await server().sql(`update api_tokens set expires_at = now() - interval '3 days' where id = $1`, [uuid(client)]);
    await server().sql('delete from audit_events');
    await pruneExpiredTokens(server().em, new Date(), 24);
    await pruneExpiredTokens(server().em, new Date(), 24);
    expect(await written()).toEqual([
      expect.objectContaining({ action: 'token.prune', via: 'JOB', changes: [change('tokens', null, '1')] }),
    ]);
  });
});

describe('a change of settings', () => {
  const update = 'mutation ($days: Int) { updateApiSettings(maximumTokenLifetimeDays: $days) { enabled } }';

  test('is written with what it was and what it became, and only when something did', async () => {
    await sent(console, update, { days: 90 });
    await sent(console, update, { days: 90 });
    expect(await written()).toEqual([
      expect.objectContaining({
        action: 'settings.update',
        actor_id: administrator.id,
        subject_type: 'SETTINGS',
        subject_id: null,
        owner_id: null,
        changes: [change('maximumTokenLifetimeDays', null, '90')],
      }),
    ]);
    await sent(console, update, { days: null });
  });

  test('by a session that runs as a token names the session', async () => {
    const document = 'mutation { updateApiSettings(defaultAbilities: ["read", "create"]) { enabled } }';
    const answer = await console.send(document, {}, { 'x-run-as': 'abilities=settings:update' });
    expect(answer.errors).toBeUndefined();
    expect(await written()).toEqual([
      expect.objectContaining({
        action: 'settings.update',
        credential_kind: 'RUN_AS',
        credential_id: await ofSession(console),
        changes: [change('defaultAbilities', 'read', 'read, create')],
      }),
    ]);
  });
});

describe('a change of users', () => {
  test('register writes the account and its session, by the account that it makes', async () => {
    const guest = server().asGuest();
    const register =
      'mutation ($password: String!) { register(name: "New", email: "new@example.com", password: $password) { user { id } } }';
    const { data } = await sent(guest, register, { password });
    const rows = await written();
    expect(rows.map((row) => [row.action, row.subject_type, publicIdOf.user({ id: row.owner_id })])).toEqual([
      ['user.create', 'USER', data.register.user.id],
      ['session.begin', 'SESSION', data.register.user.id],
    ]);
    expect(rows.map((row) => [row.actor_id === row.owner_id, row.credential_kind, row.ip])).toEqual([
      [true, null, '127.0.0.1'],
      [true, null, '127.0.0.1'],
    ]);
  });

  test('another name and e-mail are told without their values', async () => {
    const update =
      'mutation ($name: String) { updateAccount(name: $name, email: "moved@example.com", currentPassword: "PW") { kind } }';
    await sent(browser, update.replace('PW', password), { name: 'Another' });
    await sent(browser, 'mutation { updateAccount(name: "Another") { kind } }');
    const rows = await written();
    expect(rows.map((row) => [row.action, row.subject_id, row.changes])).toEqual([
      ['user.update', user.id, [change('name', null, null), change('email', null, null)]],
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/moved@|Another|@example/);
  });

  test('another password is written with the sessions that it ends', async () => {
    await server().withSession(user);
    await server().sql('delete from audit_events');
    const by = await byBrowser();
    const update = 'mutation ($next: String!) { updatePassword(currentPassword: "PW", newPassword: $next) { kind } }';
    await sent(browser, update.replace('PW', password), { next });
    expect(await written()).toEqual([
      expect.objectContaining({
        ...by,
        action: 'user.password',
        subject_id: user.id,
        changes: [change('endedSessions', null, '1')],
      }),
      expect.objectContaining({
        ...by,
        action: 'session.begin',
        subject_id: await ofSession(browser),
        changes: [change('replaces', sessionId.encode(by.credential_id), null)],
      }),
    ]);
  });

  test('another standing is written with what it was, and only when it became another', async () => {
    const update = 'mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }';
    await sent(console, update, { id: publicIdOf.user(user) });
    await sent(console, update, { id: publicIdOf.user(user) });
    expect(await written()).toEqual([
      expect.objectContaining({
        action: 'user.standing',
        actor_id: administrator.id,
        subject_id: user.id,
        owner_id: user.id,
        changes: [change('disabled', 'false', 'true'), change('endedSessions', null, '1')],
      }),
    ]);
  });

  test('the operator and the server itself are no account and come from nowhere', async () => {
    await changeStanding(server().em, user.id, { administrator: true }, commandLine);
    await server().administrator();
    expect((await written()).map((row) => [row.action, row.via, row.actor_id, row.ip, row.changes])).toEqual([
      ['user.standing', 'COMMAND_LINE', null, null, expect.anything()],
      ['user.create', serverStart.via, null, null, [change('administrator', null, 'true')]],
    ]);
  });

  test('a deleted account is written, and its events stay', async () => {
    await sent(browser, login, { email: user.email, password });
    await sent(browser, 'mutation ($password: String!) { deleteAccount(password: $password) { kind } }', { password });
    expect((await written()).map((row) => [row.action, row.actor_id, row.owner_id])).toEqual([
      ['session.begin', user.id, user.id],
      ['user.delete', user.id, user.id],
    ]);
  });
});

describe('what is written', () => {
  test('is told of every mutation but those of posts', () => {
    const mutations = guardedSchema(modules).schema.getMutationType()?.getFields() ?? {};
    const untold = Object.values(mutations).filter(({ extensions }) => extensions.audited === undefined);
    expect(untold.map(({ name }) => name).sort()).toEqual(['createPost', 'deletePost', 'updatePost']);
  });

  test('holds no password, no token and no cookie', async () => {
    const guest = server().asGuest();
    const cookies: string[] = [];
    await guest.send(login, { email: user.email, password: next });
    await sent(guest, login, { email: user.email, password });
    cookies.push(guest.cookie);
    const { data } = await sent(
      guest,
      'mutation { createApiToken(name: "Canary", abilities: ["read"]) { plainTextToken } }',
    );
    const text = data.createApiToken.plainTextToken;
    await sent(server().withToken(text), 'mutation { revokeCurrentApiToken }');
    await server().withToken(text).send('mutation { revokeCurrentApiToken }');
    const update =
      'mutation ($a: String!, $b: String!) { updatePassword(currentPassword: $a, newPassword: $b) { kind } }';
    await guest.send(update, { a: next, b: next });
    await sent(guest, update, { a: password, b: next });
    cookies.push(guest.cookie);
    await sent(guest, 'mutation { logout { kind } }');
    await server().app.services.refusals.close();
    const rows = (await server().sql('select to_jsonb(e)::text as row from audit_events e')).map(({ row }) => row);
    expect(rows.length).toBeGreaterThan(6);
    const hashes = await server().sql('select password_hash from users where id = $1', [user.id]);
    const secrets = [password, next, text, text.split('_')[2], ...cookies.map((cookie) => cookie.split('=')[1])];
    for (const secret of [...secrets, hashes[0]?.password_hash, user.email]) {
      expect(secret?.length).toBeGreaterThan(10);
      expect(rows.filter((row) => row.includes(secret))).toEqual([]);
    }
    expect(rows.join()).not.toMatch(/\$argon2|[0-9a-f]{64}/);
  });

  test('R16 has the time of its act, also after the clock was set back', async () => {
    const wall = Date.now;
    Date.now = () => wall() + 7_200_000;
    await server()
      .withSession(user)
      .finally(() => {
        Date.now = wall;
      });
    const before = Date.now();
    await server().withSession(user);
    const times = (await written()).map(({ at }) => new Date(at).getTime());
    expect(times).toHaveLength(2);
    expect(times[1]).toBeGreaterThanOrEqual(before);
    expect(times[1]).toBeLessThanOrEqual(Date.now());
  });

  test('cannot be changed, not even by whoever holds the database connection', async () => {
    await sent(browser, 'mutation { logout { kind } }');
    await expect(server().sql(`update audit_events set actor_id = null`)).rejects.toThrow('audit events do not change');
    expect((await written())[0]?.actor_id).toBe(user.id);
  });
});
