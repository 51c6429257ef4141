import { beforeAll, describe, expect, test } from '@jest/globals';
import { AuditEventPolicy } from '../../src/audit/audit-event.policy.js';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { dated, firstIdAt } from '../../src/auth/audit.js';
import { auditEventId } from '../../src/auth/audit-event.entity.js';
import { sessionId } from '../../src/auth/session-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();
const list = `query (
  $first: Int! = 100, $after: String, $user: ID, $action: AuditAction, $outcome: AuditOutcome, $subject: ID
  $since: DateTime, $until: DateTime
) {
  auditEvents(
    first: $first, after: $after, user: $user, action: $action, outcome: $outcome, subject: $subject
    since: $since, until: $until
  ) {
    nodes {
      id at action outcome code attempts via actor { id name } actorId credentialKind credentialId
      subjectType subjectId owner { id } ownerId ip userAgent requestId changes { name before after }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

let ada: User;
let bob: User;
let administrator: User;
let browsers: Record<'ada' | 'bob' | 'administrator', Client>;
let token: string;

async function found(client: Client, variables: Record<string, unknown> = {}): Promise<Record<string, any>[]> {
  const answer = await client.send(list, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data.auditEvents.nodes;
}

const actions = async (client: Client, variables: Record<string, unknown> = {}) =>
  (await found(client, variables)).map(({ action }) => action);

beforeAll(async () => {
  await server().api(true);
  ada = await server().user({ name: 'Ada' });
  bob = await server().user({ name: 'Bob' });
  administrator = await server().user({ name: 'Root', isAdministrator: true });
  browsers = {
    ada: await server().withSession(ada),
    bob: await server().withSession(bob),
    administrator: await server().withSession(administrator),
  };
  await server().sql('delete from audit_events');
  const create = 'mutation { createApiToken(name: "CI", abilities: []) { apiToken { id } } }';
  token = (await browsers.ada.send(create)).data.createApiToken.apiToken.id;
  await browsers.bob.send(create);
  await browsers.bob.send('mutation ($id: ID!) { updateUser(id: $id, administrator: true) { id } }', {
    id: publicIdOf.user(bob),
  });
  await server().app.services.refusals.flush();
  await browsers.administrator.send('mutation ($id: ID!) { revokeApiToken(id: $id) }', { id: token });
  await browsers.administrator.send('mutation { updateApiSettings(maximumTokenLifetimeDays: 30) { enabled } }');
});

describe('auditEvents', () => {
  test('shows administrators everything, the latest first, and everyone else what is theirs', async () => {
    expect(await actions(browsers.administrator)).toEqual([
      'SETTINGS_UPDATE',
      'TOKEN_REVOKE',
      'USER_STANDING',
      'TOKEN_CREATE',
      'TOKEN_CREATE',
    ]);
    expect(await actions(browsers.ada)).toEqual(['TOKEN_REVOKE', 'TOKEN_CREATE']);
    expect(await actions(browsers.bob)).toEqual(['USER_STANDING', 'TOKEN_CREATE']);
  });

  test('tells who, what, which credential, from where and with which outcome', async () => {
    const [own] = await found(browsers.ada, { action: 'TOKEN_CREATE' });
    expect(own).toEqual({
      id: expect.stringMatching(/^event_/),
      at: expect.stringMatching(/^20\d\d-.*Z$/),
      action: 'TOKEN_CREATE',
      outcome: 'DONE',
      code: null,
      attempts: 1,
      via: 'GRAPHQL',
      actor: { id: publicIdOf.user(ada), name: 'Ada' },
      actorId: publicIdOf.user(ada),
      credentialKind: 'SESSION',
      credentialId: expect.stringMatching(/^session_/),
      subjectType: 'TOKEN',
      subjectId: token,
      owner: { id: publicIdOf.user(ada) },
      ownerId: publicIdOf.user(ada),
      ip: '127.0.0.1',
      userAgent: expect.any(String),
      requestId: expect.any(String),
      changes: [
        { name: 'name', before: null, after: 'CI' },
        { name: 'abilities', before: null, after: '' },
      ],
    });
    expect(sessionId.decode(own?.credentialId)).not.toBeNull();
  });

  test('keeps from a user where an administrator was, and tells the administrator', async () => {
    const where = ({ ip, userAgent, requestId, credentialId }: Record<string, any>) =>
      [ip, userAgent, requestId, credentialId].map((value) => value !== null);
    const revoked = { action: 'TOKEN_REVOKE' };
    const [shown] = await found(browsers.ada, revoked);
    expect([shown?.actor.name, where(shown ?? {})]).toEqual(['Root', [false, false, false, false]]);
    const [all] = await found(browsers.administrator, revoked);
    expect(where(all ?? {})).toEqual([true, true, true, true]);
  });

  test.each([
    [{ action: 'TOKEN_CREATE' }, ['TOKEN_CREATE', 'TOKEN_CREATE']],
    [{ outcome: 'REFUSED' }, ['USER_STANDING']],
    [{ outcome: 'DONE', action: 'USER_STANDING' }, []],
    [{ action: null, outcome: null, user: null, subject: null, since: null, until: null }, 5],
    [{ since: '2000-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' }, 5],
    [{ since: '2100-01-01T00:00:00Z' }, []],
    [{ until: '2000-01-01T00:00:00Z' }, []],
  ])('finds %j', async (variables, expected) => {
    const all = await actions(browsers.administrator, variables);
    expect(typeof expected === 'number' ? all.length : all).toEqual(expected);
  });

  test('finds what is about one record, what one user did, and what was from one moment on', async () => {
    expect(await actions(browsers.administrator, { subject: token })).toEqual(['TOKEN_REVOKE', 'TOKEN_CREATE']);
    expect(await actions(browsers.administrator, { user: publicIdOf.user(bob) })).toEqual([
      'USER_STANDING',
      'TOKEN_CREATE',
    ]);
    const [latest] = await found(browsers.administrator);
    expect(await actions(browsers.administrator, { since: latest?.at })).toContain('SETTINGS_UPDATE');
    expect(await actions(browsers.administrator, { until: latest?.at })).not.toContain('SETTINGS_UPDATE');
  });

  test('has one moment in its key and in its time, however often it is written', () => {
    for (let count = 0; count < 20_000; count += 1) {
      const { id, at } = dated();
      expect([id >= firstIdAt(at), id < firstIdAt(new Date(at.getTime() + 1))]).toEqual([true, true]);
    }
  });

  test('never finds for one user what is another one’s', async () => {
    expect(await actions(browsers.bob, { user: publicIdOf.user(ada) })).toEqual([]);
    expect(await actions(browsers.bob, { subject: token })).toEqual([]);
    expect(await actions(browsers.ada, { action: 'SETTINGS_UPDATE' })).toEqual([]);
  });

  test('pages by cursor', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const answer: Answer = await browsers.administrator.send(list, { first: 2, after });
      const { nodes, pageInfo } = answer.data.auditEvents;
      seen.push(...nodes.map(({ action }: { action: string }) => action));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(await actions(browsers.administrator));
  });

  test.each([
    [{ user: 'token_01h455vb4pex5vsknk084sn02q' }, { user: ['must be the id of a user.'] }],
    [{ subject: 'post_01h455vb4pex5vsknk084sn02q' }, { subject: ['must be the id of a user, a session or a token.'] }],
    [{ first: 101 }, { first: ['must be at most 100.'] }],
  ])('refuses %j', async (variables, fields) => {
    const answer = await browsers.administrator.send(list, variables);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', fields });
  });

  test('is for sessions: guests and tokens are refused, whatever the token can', async () => {
    const ask = '{ auditEvents { nodes { id } } }';
    const program = await server().actingAs(administrator, ['*']);
    expect((await server().asGuest().send(ask)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await program.send(ask)).codes).toEqual(['SESSION_REQUIRED']);
    const narrowed = await browsers.administrator.send(ask, {}, { 'x-run-as': 'abilities=read' });
    expect(narrowed.codes).toEqual(['SESSION_REQUIRED']);
    expect(AuditEventPolicy.scope({ kind: 'TOKEN', user: administrator } as never)).toEqual({ id: { $in: [] } });
  });

  test('an account that has gone leaves its id', async () => {
    const gone = await server().user();
    const browser = await server().withSession(gone);
    await browser.send('mutation { deleteAccount(password: "correct horse battery staple") { kind } }');
    const [event] = await found(browsers.administrator, { user: publicIdOf.user(gone), action: 'USER_DELETE' });
    expect([event?.actor, event?.actorId, event?.owner]).toEqual([null, publicIdOf.user(gone), null]);
  });
});

describe('node', () => {
  const node = 'query ($id: ID!) { node(id: $id) { id ... on AuditEvent { action ip } } }';

  test('finds an event for those who may see it, and for nobody else', async () => {
    const [own] = await found(browsers.ada, { action: 'TOKEN_CREATE' });
    const id = own?.id;
    expect((await browsers.ada.send(node, { id })).data.node).toEqual({ id, action: 'TOKEN_CREATE', ip: '127.0.0.1' });
    expect((await browsers.administrator.send(node, { id })).data.node.id).toBe(id);
    const hidden = await browsers.bob.send(node, { id });
    const missing = await browsers.bob.send(node, { id: auditEventId.encode('01a2025c-c21e-7651-aa65-35edfbad985a') });
    expect([hidden.codes, hidden.text]).toEqual([['NOT_FOUND'], missing.text]);
    const program = await server().actingAs(ada, ['*']);
    expect((await program.send(node, { id })).codes).toEqual(['SESSION_REQUIRED']);
    expect(parseToken('lk', program.token)?.id).not.toBe(apiTokenId.decode(token));
  });
});
