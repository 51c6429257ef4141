import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { AnyPolicy } from '../../src/access/policy.js';
import { AuditEventPolicy } from '../../src/audit/audit-event.policy.js';
import { guest, type Principal } from '../../src/auth/principal.js';
import { PostPolicy } from '../../src/posts/post.policy.js';
import { modules } from '../../src/registry.js';
import { SessionPolicy } from '../../src/sessions/session.policy.js';
import { ApiTokenPolicy } from '../../src/tokens/api-token.policy.js';
import { UserPolicy } from '../../src/users/user.policy.js';
import { person, session, token } from './fixture.js';

const owner = person({ id: 'owner' });
const stranger = person({ id: 'stranger' });
const administrator = person({ id: 'administrator', isAdministrator: true });

const principals = {
  guest,
  'owner by session': session(owner),
  'owner by token': token(owner, ['*']),
  'stranger by session': session(stranger),
  'stranger by token': token(stranger, ['*']),
  'administrator by session': session(administrator),
  'administrator by token': token(administrator, []),
} satisfies Record<string, Principal>;
type Who = keyof typeof principals;
const everyone = Object.keys(principals) as Who[];

const nothing = { id: { $in: [] } };
const owners: Who[] = ['owner by session', 'owner by token'];
const administrators: Who[] = ['administrator by session', 'administrator by token'];

/** For each action of each policy, who may; everyone else may not. */
const decisions: [AnyPolicy, string, object, Who[]][] = [
  [PostPolicy, 'update', { author: { id: 'owner' } }, [...owners, ...administrators]],
  [PostPolicy, 'delete', { author: { id: 'owner' } }, [...owners, ...administrators]],
  [UserPolicy, 'viewEmail', { id: 'owner' }, [...owners, ...administrators]],
  [UserPolicy, 'viewRole', { id: 'owner' }, [...owners, ...administrators]],
  [UserPolicy, 'oversee', { id: 'owner' }, administrators],
  [SessionPolicy, 'revoke', { user: { id: 'owner' } }, owners],
  [ApiTokenPolicy, 'update', { user: { id: 'owner' } }, owners],
  [ApiTokenPolicy, 'delete', { user: { id: 'owner' } }, owners],
  [AuditEventPolicy, 'viewOrigin', { actorId: 'owner' }, [...owners, ...administrators]],
  [AuditEventPolicy, 'viewOrigin', { actorId: null }, everyone],
];

describe.each(
  decisions.map(([policy, action, record, allowed]) => ({ name: policy.name, policy, action, record, allowed })),
)('$name.$action', ({ policy, action, record, allowed }) => {
  test.each(everyone)('%s', (who) => {
    expect(policy.actions[action]?.may(principals[who], record)).toBe(allowed.includes(who));
  });

  test('is described in a sentence', () => {
    expect(policy.actions[action]?.description).toMatch(/^[A-Z].*\.$/);
  });
});

test('Z1: every action of every policy of every type with ids stands in the table above', () => {
  const known = modules.flatMap((module) => module.nodes ?? []).map((node) => node.policy);
  const actions = known.flatMap((policy) => Object.keys(policy.actions).map((action) => `${policy.name}.${action}`));
  expect(actions.length).toBeGreaterThan(4);
  expect([...new Set(decisions.map(([policy, action]) => `${policy.name}.${action}`))].sort()).toEqual(actions.sort());
});

describe('Z1, Z4: what is visible', () => {
  const ofToken = { id: { $in: ['01a2025c-0000-7000-8000-000000000002'] } };
  const readers = (id: string) => ({ $or: [{ published: true }, { author: id }] });
  const scopes: [AnyPolicy, Record<Who, object>][] = [
    [
      PostPolicy,
      {
        guest: nothing,
        'owner by session': readers('owner'),
        'owner by token': readers('owner'),
        'stranger by session': readers('stranger'),
        'stranger by token': readers('stranger'),
        'administrator by session': {},
        'administrator by token': {},
      },
    ],
    [
      UserPolicy,
      {
        guest: nothing,
        'owner by session': {},
        'owner by token': {},
        'stranger by session': {},
        'stranger by token': {},
        'administrator by session': {},
        'administrator by token': {},
      },
    ],
    [
      SessionPolicy,
      {
        guest: nothing,
        'owner by session': { user: 'owner' },
        'owner by token': nothing,
        'stranger by session': { user: 'stranger' },
        'stranger by token': nothing,
        'administrator by session': { user: 'administrator' },
        'administrator by token': nothing,
      },
    ],
    [
      ApiTokenPolicy,
      {
        guest: nothing,
        'owner by session': { user: 'owner' },
        'owner by token': ofToken,
        'stranger by session': { user: 'stranger' },
        'stranger by token': ofToken,
        'administrator by session': { user: 'administrator' },
        'administrator by token': ofToken,
      },
    ],
    [
      AuditEventPolicy,
      {
        guest: nothing,
        'owner by session': { $or: [{ actorId: 'owner' }, { ownerId: 'owner' }] },
        'owner by token': nothing,
        'stranger by session': { $or: [{ actorId: 'stranger' }, { ownerId: 'stranger' }] },
        'stranger by token': nothing,
        'administrator by session': {},
        'administrator by token': nothing,
      },
    ],
  ];

  for (const [policy, expected] of scopes) {
    test.each(everyone)(`${policy.name}: %s`, (who) => {
      expect(policy.scope(principals[who])).toEqual(expected[who]);
    });
  }

  test('of every type with ids, a guest sees nothing', () => {
    const nodes = modules.flatMap((module) => module.nodes ?? []);
    expect(scopes.map(([policy]) => policy.name).sort()).toEqual(nodes.map((node) => node.policy.name).sort());
    for (const { policy } of nodes) {
      expect([policy.name, policy.scope(guest)]).toEqual([policy.name, nothing]);
    }
  });
});
