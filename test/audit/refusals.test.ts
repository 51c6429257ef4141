import { performance } from 'node:perf_hooks';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serverStart } from '../../src/auth/audit.js';
import { pruneAuditEvents } from '../../src/auth/audit-retention.js';
import { RefusalRecorder } from '../../src/auth/refusals.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer({ LOGIN_ATTEMPTS_PER_MINUTE: '3' });
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const wrong = 'a password of nobody';

let user: User;
let browser: Client;

async function refused(): Promise<Record<string, any>[]> {
  await server().app.services.refusals.flush();
  return server().sql(`select * from audit_events where outcome = 'REFUSED' order by id`);
}

beforeAll(() => server().api(true));

beforeEach(async () => {
  user = await server().user();
  browser = await server().withSession(user);
  // What is pending, and what is counted, belongs to the test before.
  await server().app.services.refusals.close();
  await server().sql('delete from audit_events');
});

describe('refused attempts', () => {
  test('at a password name the account that was tried, not the address that was typed', async () => {
    const guest = server().asGuest();
    await guest.send(login, { email: user.email, password: wrong });
    await guest.send(login, { email: 'nobody-at-all@example.com', password: wrong });
    const issue =
      'mutation ($email: String!, $password: String!) { issueApiToken(email: $email, password: $password, deviceName: "Phone") { plainTextToken } }';
    await guest.send(issue, { email: user.email, password: wrong });
    const rows = await refused();
    const facts = {
      code: 'UNAUTHENTICATED',
      actor_id: null,
      credential_kind: 'PASSWORD',
      ip: '127.0.0.1',
      attempts: 1,
    };
    expect(rows).toEqual([
      expect.objectContaining({ ...facts, action: 'session.begin', subject_id: user.id, owner_id: user.id }),
      expect.objectContaining({ ...facts, action: 'session.begin', subject_id: null, owner_id: null }),
      expect.objectContaining({ ...facts, action: 'token.issue', subject_id: user.id, owner_id: user.id }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('nobody-at-all');
  });

  test('with the right password are told too, so that nobody tries one without a trace', async () => {
    const issue =
      'mutation ($email: String!, $password: String!) { issueApiToken(email: $email, password: $password, deviceName: "") { plainTextToken } }';
    const answer = await server().asGuest().send(issue, { email: user.email, password });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(await refused()).toEqual([
      expect.objectContaining({
        action: 'token.issue',
        code: 'BAD_USER_INPUT',
        actor_id: user.id,
        credential_kind: 'PASSWORD',
        owner_id: user.id,
      }),
    ]);
    await server().sql('delete from audit_events');
    const taken = await server().user();
    const move =
      'mutation ($email: String!, $password: String!) { updateAccount(email: $email, currentPassword: $password) { kind } }';
    expect((await browser.send(move, { email: taken.email, password })).codes).toEqual(['CONFLICT']);
    expect(await refused()).toEqual([
      expect.objectContaining({ action: 'user.update', code: 'CONFLICT', actor_id: user.id, owner_id: user.id }),
    ]);
  });

  test('again and again are two events a minute, the second with their number, throttled ones too', async () => {
    const guest = server().asGuest();
    for (let index = 0; index < 7; index += 1) {
      await guest.send(login, { email: user.email, password: wrong });
    }
    expect((await refused()).map((row) => [row.code, row.attempts])).toEqual([
      ['UNAUTHENTICATED', 1],
      ['RATE_LIMITED', 1],
    ]);
    await server().app.services.refusals.close();
    expect((await refused()).map((row) => [row.code, row.attempts])).toEqual([
      ['UNAUTHENTICATED', 1],
      ['RATE_LIMITED', 1],
      ['UNAUTHENTICATED', 2],
      ['RATE_LIMITED', 3],
    ]);
  });

  test.each([
    ['updatePassword(currentPassword: $password, newPassword: "long enough for all")', 'user.password'],
    ['updateAccount(email: "elsewhere@example.com", currentPassword: $password)', 'user.update'],
    ['deleteAccount(password: $password)', 'user.delete'],
  ])('at the password of an own account: %s', async (field, action) => {
    const answer = await browser.send(`mutation ($password: String!) { ${field} { kind } }`, { password: wrong });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(await refused()).toEqual([
      expect.objectContaining({ action, code: 'BAD_USER_INPUT', actor_id: user.id, subject_id: user.id }),
    ]);
  });

  test('to administrate are written for whoever is known', async () => {
    const id = publicIdOf.user(user);
    const promote = 'mutation ($id: ID!) { updateUser(id: $id, administrator: true) { id } }';
    expect((await server().asGuest().send(promote, { id })).codes).toEqual(['UNAUTHENTICATED']);
    expect((await browser.send(promote, { id })).codes).toEqual(['FORBIDDEN']);
    const program = await server().actingAs(user, ['*']);
    expect((await program.send(promote, { id })).codes).toEqual(['SESSION_REQUIRED']);
    const settings = 'mutation { updateApiSettings(enabled: false) { enabled } }';
    expect((await program.send(settings)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    const rows = await refused();
    expect(rows.map((row) => [row.action, row.code, row.actor_id, row.credential_kind])).toEqual([
      ['user.standing', 'FORBIDDEN', user.id, 'SESSION'],
      ['user.standing', 'SESSION_REQUIRED', user.id, 'TOKEN'],
      ['settings.update', 'INSUFFICIENT_ABILITIES', user.id, 'TOKEN'],
    ]);
  });

  test('on the record in hand are written: an administrator who would change their own standing', async () => {
    const administrator = await server().administrator();
    const console = await server().withSession(administrator);
    const demote = 'mutation ($id: ID!) { updateUser(id: $id, administrator: false) { id } }';
    expect((await console.send(demote, { id: publicIdOf.user(administrator) })).codes).toEqual(['CONFLICT']);
    expect(await refused()).toEqual([
      expect.objectContaining({ action: 'user.standing', code: 'CONFLICT', subject_id: administrator.id }),
    ]);
  });

  test('tell of no change that the document leaves out', async () => {
    const program = await server().actingAs(user, []);
    const document = `mutation ($also: Boolean!) {
      deletePost(id: "${publicIdOf.post(user)}") revokeCurrentApiToken @include(if: $also) }`;
    expect((await program.send(document, { also: false })).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(await refused()).toEqual([]);
    expect((await program.send(document, { also: true })).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(await refused()).toEqual([expect.objectContaining({ action: 'token.revoke', actor_id: user.id })]);
  });

  test('of queries and of posts are no events', async () => {
    await browser.send('{ users { nodes { id } } }');
    const program = await server().actingAs(user, ['read']);
    await program.send('mutation { createPost(title: "A", body: "B") { id } }');
    expect(await refused()).toEqual([]);
  });
});

describe('a flood of refusals', () => {
  test('from everywhere is told without its addresses beyond 600 an hour', async () => {
    const recorder = new RefusalRecorder(server().app.services.em, (error) => {
      throw error;
    });
    const from = (index: number) => ({
      ...serverStart,
      via: 'GRAPHQL' as const,
      ip: `10.0.${index >> 8}.${index & 255}`,
    });
    for (let index = 0; index < 5_000; index += 1) {
      recorder.note(from(index), { action: 'session.begin', code: 'UNAUTHENTICATED', subject: null });
    }
    await recorder.close();
    recorder.note(from(5_000), { action: 'session.begin', code: 'UNAUTHENTICATED', subject: null });
    await recorder.close();
    const rows = await refused();
    expect(rows).toHaveLength(602);
    expect(rows.filter(({ ip }) => ip === null).map(({ attempts }) => attempts)).toEqual([4_400, 1]);
    expect(rows.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(5_001);
  });

  test('R16 is told with its addresses again an hour later, though the clock was set back meanwhile', async () => {
    const { now: wall } = Date;
    const recorder = new RefusalRecorder(server().app.services.em, (error) => {
      throw error;
    });
    const note = (ip: string) =>
      recorder.note({ ...serverStart, ip }, { action: 'session.begin', code: 'UNAUTHENTICATED', subject: null });
    const tick = performance.now;
    try {
      Date.now = () => wall() + 7_200_000;
      for (let index = 0; index < 600; index += 1) {
        note(`10.1.${index >> 8}.${index & 255}`);
      }
      Date.now = wall;
      performance.now = () => tick.call(performance) + 3_600_000;
      note('10.2.0.1');
    } finally {
      Date.now = wall;
      performance.now = tick;
    }
    await recorder.close();
    expect((await refused()).filter(({ ip }) => ip === '10.2.0.1')).toHaveLength(1);
  });

  test('that cannot be written fails nobody, and is reported', async () => {
    const reported: unknown[] = [];
    const recorder = new RefusalRecorder(server().app.services.em, (error) => reported.push(error));
    const tooLong = { ...serverStart, ip: 'x'.repeat(65) };
    recorder.note(tooLong, { action: 'session.begin', code: 'UNAUTHENTICATED', subject: null });
    await recorder.flush();
    expect(reported).toHaveLength(1);
    expect(await refused()).toEqual([]);
  });
});

describe('retention', () => {
  const now = new Date('2040-01-01T00:00:00Z');

  test('deletes what is older than so many days, in batches, and nothing for 0', async () => {
    await server().sql(`insert into audit_events (id, at, action, outcome, via, changes)
      select (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || '7000800000000000' || lpad(to_hex(n), 4, '0'))::uuid,
        t, 'session.end', 'DONE', 'GRAPHQL', '[]'
      from generate_series(1, 10001) n,
        lateral (select case when n <= 10001 - 2 then timestamptz '2039-12-01' else timestamptz '2039-12-31' end) s(t)`);
    expect(await pruneAuditEvents(server().em, 0, now)).toBe(0);
    expect(await pruneAuditEvents(server().em, 40, now)).toBe(0);
    expect(await pruneAuditEvents(server().em, 10, now)).toBe(9_999);
    expect(await server().sql('select distinct at::date::text as day from audit_events')).toEqual([
      { day: '2039-12-31' },
    ]);
  });
});
