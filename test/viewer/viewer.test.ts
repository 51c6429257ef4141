import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();

const everything = `{
  viewer {
    __typename kind abilities
    user { id name email createdAt posts { nodes { title } } }
    token { id name abilities effectiveAbilities preview createdAt expiresAt lastUsedAt lastUsedIp }
  }
}`;

const tokenCan = async (client: Client, ability: string) => {
  const answer = await client.send('query ($ability: String!) { viewer { tokenCan(ability: $ability) } }', { ability });
  expect(answer.errors).toBeUndefined();
  return answer.data.viewer.tokenCan as boolean;
};

/** The abilities that this file knows; features that are added later bring more. */
const ofEveryone = [
  'create',
  'delete',
  'post:create',
  'post:delete',
  'post:read',
  'post:update',
  'read',
  'update',
  'user:read',
];
const ofAdministrators = [...ofEveryone, 'settings:read', 'settings:update'].sort();
const known = (names: string[]) => names.filter((name) => ofAdministrators.includes(name)).sort();
const unknown = ['', '*', 'Read', 'read ', 'post', 'post:*', 'post:explode', '__proto__', 'constructor', 'pоst:read'];

let user: User;
let administrator: User;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
  administrator = await server().administrator();
  await server().post(user, { title: 'Mine' });
});

describe('viewer', () => {
  test('of a guest is nobody, who can nothing', async () => {
    const answer = await server().asGuest().send(everything);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.viewer).toEqual({
      __typename: 'Viewer',
      kind: 'GUEST',
      abilities: [],
      user: null,
      token: null,
    });
    for (const ability of [...ofAdministrators, ...unknown]) {
      expect([ability, await tokenCan(server().asGuest(), ability)]).toEqual([ability, false]);
    }
  });

  test('of a session is its user, who can whatever is asked', async () => {
    const browser = await server().withSession(user);
    const answer = await browser.send(everything);
    expect(answer.errors).toBeUndefined();
    expect(known(answer.data.viewer.abilities)).toEqual(ofEveryone);
    expect(answer.data.viewer).toEqual({
      __typename: 'Viewer',
      kind: 'SESSION',
      abilities: expect.any(Array),
      user: {
        id: publicIdOf.user(user),
        name: user.name,
        email: user.email,
        createdAt: user.createdAt.toISOString(),
        posts: { nodes: [{ title: 'Mine' }] },
      },
      token: null,
    });
    for (const ability of [...ofAdministrators, ...unknown]) {
      expect([ability, await tokenCan(browser, ability)]).toEqual([ability, true]);
    }
  });

  test('of an administrator’s session lists what only administrators may hold, too', async () => {
    const browser = await server().withSession(administrator);
    expect(known((await browser.send('{ viewer { abilities } }')).data.viewer.abilities)).toEqual(ofAdministrators);
  });

  test('of a token is its owner and itself', async () => {
    const program = await server().actingAs(user, ['read']);
    const answer = await program.send(everything);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.viewer).toMatchObject({
      kind: 'TOKEN',
      user: { id: publicIdOf.user(user), email: user.email },
      token: { name: 'Test', abilities: ['read'], expiresAt: null },
    });
    expect(known(answer.data.viewer.abilities)).toEqual(['post:read', 'read', 'user:read']);
    expect(answer.data.viewer.token.effectiveAbilities.toSorted()).toEqual(answer.data.viewer.abilities);
    expect(program.token.startsWith(answer.data.viewer.token.preview.replace(/[^\w]+$/u, ''))).toBe(true);
    expect(answer.text).not.toContain(program.token);
  });

  test('tells a token that can nothing who it is, and no more', async () => {
    const program = await server().actingAs(user, []);
    const answer = await program.send('{ viewer { kind abilities token { name abilities } } }');
    expect(answer.data.viewer).toEqual({ kind: 'TOKEN', abilities: [], token: { name: 'Test', abilities: [] } });
    const refused = await program.send('{ viewer { kind user { name } } }');
    expect(refused.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(refused.status).toBe(403);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ missing: ['user:read'], coordinates: ['User.name'] });
  });

  test.each([
    [['post:read'], ['post:read']],
    [['post:update'], ['post:update']],
    [['update'], ['post:update', 'update']],
    [
      ['read', 'post:delete'],
      ['post:delete', 'post:read', 'read', 'user:read'],
    ],
    [['*'], ofEveryone],
    [['settings:update'], []],
  ])('of a token with %j can exactly %j', async (granted, able) => {
    const program = await server().actingAs(user, granted);
    expect(known((await program.send('{ viewer { abilities } }')).data.viewer.abilities)).toEqual(able);
    for (const ability of [...ofAdministrators, ...unknown]) {
      expect([ability, await tokenCan(program, ability)]).toEqual([ability, able.includes(ability)]);
    }
  });

  test('of an administrator’s token follows what an ability implies, and loses it with the office', async () => {
    const owner = await server().administrator();
    const program = await server().actingAs(owner, ['settings:update']);
    expect((await program.send('{ viewer { abilities } }')).data.viewer.abilities).toEqual([
      'settings:read',
      'settings:update',
    ]);
    expect(await tokenCan(program, 'settings:read')).toBe(true);
    await server().sql('update users set is_administrator = false where id = $1', [owner.id]);
    expect((await program.send('{ viewer { abilities } }')).data.viewer.abilities).toEqual([]);
    expect(await tokenCan(program, 'settings:update')).toBe(false);
    expect((await program.send('{ viewer { token { abilities effectiveAbilities } } }')).data.viewer.token).toEqual({
      abilities: ['settings:update'],
      effectiveAbilities: [],
    });
  });

  test.each([
    'POST:READ',
    'post:read ',
    ' post:read',
    'post:*',
    '*',
    '',
    'post',
    'r\u0435ad',
    '__proto__',
    'constructor',
    'toString',
  ])('Z11: takes %j for no ability that a token has', async (ability) => {
    const program = await server().actingAs(await server().user(), ['read', 'post:read']);
    const answer = await program.send('query ($a: String!) { viewer { tokenCan(ability: $a) } }', { a: ability });
    expect([answer.errors, answer.data]).toEqual([undefined, { viewer: { tokenCan: false } }]);
  });

  test('Z11: takes ninety thousand characters for no ability, and for no error', async () => {
    const program = await server().actingAs(user, ['read']);
    expect(await tokenCan(program, 'r'.repeat(90_000))).toBe(false);
    expect(await tokenCan(program, 'read\0')).toBe(false);
  });
});

describe('signing in and out within one document', () => {
  test('answers each field for who is asking by then', async () => {
    const browser = await server().withSession(user);
    const answer = await browser.send(
      `mutation ($email: String!, $password: String!) {
        before: logout { kind tokenCan(ability: "read") user { email } }
        after: login(email: $email, password: $password) { kind tokenCan(ability: "read") user { email } }
      }`,
      { email: administrator.email, password: 'correct horse battery staple' },
    );
    expect(answer.data).toEqual({
      before: { kind: 'GUEST', tokenCan: false, user: null },
      after: { kind: 'SESSION', tokenCan: true, user: { email: administrator.email } },
    });
  });
});
