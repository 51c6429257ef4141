import { beforeEach, describe, expect, test } from '@jest/globals';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer();
const viewer = '{ viewer { kind user { email } } }';
const createPost = 'mutation { createPost(title: "By the thief", body: "") { id } }';

/** What ends the session of the owner's browser. */
interface Ending {
  readonly name: string;
  readonly end: (owner: User, browser: Client) => Promise<unknown>;
}

const succeed = async (client: Client, document: string, variables: Record<string, unknown> = {}) => {
  const answer = await client.send(document, variables);
  expect(answer.errors).toBeUndefined();
};
const standing = 'mutation ($id: ID!, $to: Boolean!) { updateUser(id: $id, disabled: $to) { id } }';
const byAdministrator = async (document: string, variables: Record<string, unknown>) =>
  succeed(await server().withSession(await server().administrator()), document, variables);
const moveBack = (column: string, owner: User) =>
  server().sql(`update sessions set ${column} = now() - interval '30 days' where user_id = $1`, [owner.id]);

const endings: Ending[] = [
  { name: 'a logout', end: (_owner, browser) => succeed(browser, 'mutation { logout { kind } }') },
  {
    name: 'a logout from another browser',
    end: async (owner) => succeed(await server().withSession(owner), 'mutation { revokeOtherSessions }'),
  },
  {
    name: 'the end of that one session',
    end: async (owner) => {
      const [row] = await server().sql('select id from sessions where user_id = $1', [owner.id]);
      const other = await server().withSession(owner);
      await succeed(other, 'mutation ($id: ID!) { revokeSession(id: $id) }', { id: sessionId.encode(row?.id) });
    },
  },
  {
    name: 'a login in the same browser',
    end: (owner, browser) =>
      succeed(browser, 'mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }', {
        e: owner.email,
        p: password,
      }),
  },
  {
    name: 'a change of the password',
    end: (_owner, browser) =>
      succeed(
        browser,
        'mutation ($o: String!, $n: String!) { updatePassword(currentPassword: $o, newPassword: $n) { kind } }',
        {
          o: password,
          n: 'a new and longer password',
        },
      ),
  },
  {
    name: 'a change of the password in another browser',
    end: async (owner) =>
      succeed(
        await server().withSession(owner),
        'mutation ($o: String!, $n: String!) { updatePassword(currentPassword: $o, newPassword: $n) { kind } }',
        { o: password, n: 'a new and longer password' },
      ),
  },
  {
    name: 'the account being disabled',
    end: (owner) => byAdministrator(standing, { id: publicIdOf.user(owner), to: true }),
  },
  {
    name: 'the account being disabled and enabled again',
    end: async (owner) => {
      await byAdministrator(standing, { id: publicIdOf.user(owner), to: true });
      await byAdministrator(standing, { id: publicIdOf.user(owner), to: false });
    },
  },
  {
    name: 'a change of what the account may',
    end: (owner) =>
      byAdministrator('mutation ($id: ID!) { updateUser(id: $id, administrator: true) { id } }', {
        id: publicIdOf.user(owner),
      }),
  },
  {
    name: 'the deletion of the account',
    end: (_owner, browser) =>
      succeed(browser, 'mutation ($p: String!) { deleteAccount(password: $p) { kind } }', { p: password }),
  },
  { name: 'too long without a request', end: (owner) => moveBack('last_active_at', owner) },
  { name: 'the longest time that a session may last', end: (owner) => moveBack('expires_at', owner) },
];

describe('C4 a stolen cookie', () => {
  let owner: User;
  let browser: Client;
  let thief: Client;

  beforeEach(async () => {
    owner = await server().user();
    browser = await server().withSession(owner);
    const { cookie } = browser;
    thief = {
      cookie,
      token: '',
      send: (document, variables) => server().asGuest().send(document, variables, { cookie }),
    };
  });

  test.each(endings)('is nobody’s after $name, from the next request on', async ({ end }) => {
    expect((await thief.send(viewer)).data.viewer).toEqual({ kind: 'SESSION', user: { email: owner.email } });
    await end(owner, browser);
    const answer = await thief.send(viewer);
    expect([answer.status, answer.data.viewer]).toEqual([200, { kind: 'GUEST', user: null }]);
    expect((await thief.send(createPost)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await thief.send('{ sessions { id } }')).codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().sql("select 1 from posts where title = 'By the thief'")).toEqual([]);
  });
});
