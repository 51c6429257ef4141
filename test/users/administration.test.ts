import { beforeAll, describe, expect, test } from '@jest/globals';
import { type User, userId } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';

const server = testServer();
const users = `query ($search: String, $administrator: Boolean, $disabled: Boolean, $first: Int! = 100, $after: String) {
  users(search: $search, administrator: $administrator, disabled: $disabled, first: $first, after: $after) {
    nodes { id name email administrator disabledAt apiTokenCount lastActiveAt }
    pageInfo { hasNextPage endCursor }
  }
}`;
const update = `mutation ($id: ID!, $administrator: Boolean, $disabled: Boolean) {
  updateUser(id: $id, administrator: $administrator, disabled: $disabled) { id administrator disabledAt }
}`;
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
const missing = userId.encode('01a2025c-c21e-7651-aa65-35edfbad985a');

let root: User;
let browser: Client;

const refused = ({ codes, status, data }: Answer) => [codes, status, data];
const namesIn = (answer: Answer) => answer.data.users.nodes.map(({ name }: { name: string }) => name);

async function kindOf(client: Client): Promise<string | undefined> {
  const answer = await client.send('{ viewer { kind } }');
  return answer.data?.viewer.kind ?? answer.codes[0];
}

async function standingOf(user: User): Promise<unknown> {
  const [row] = await server().sql(
    'select is_administrator as administrator, disabled_at is not null as disabled from users where id = $1',
    [user.id],
  );
  return row;
}

beforeAll(async () => {
  await server().api(true);
  root = await server().user({ name: 'Root', isAdministrator: true });
  browser = await server().withSession(root);
});

describe('users', () => {
  let team: User[];

  beforeAll(async () => {
    team = [];
    for (const [name, isAdministrator] of [
      ['Team 50%', false],
      ['Team_mate', false],
      ['Team lead', true],
      ['Teamster', false],
    ] as const) {
      team.push(await server().user({ name, isAdministrator, email: `${name.replace(/\W/g, '')}@team.example.com` }));
    }
    await server().sql('update users set disabled_at = now() where id = $1', [team[1]?.id]);
  });

  test.each([
    [{ search: 'TEAM' }, ['Teamster', 'Team lead', 'Team_mate', 'Team 50%']],
    [{ search: '@team.example' }, ['Teamster', 'Team lead', 'Team_mate', 'Team 50%']],
    [{ search: '50%' }, ['Team 50%']],
    [{ search: 'm_' }, ['Team_mate']],
    [{ search: 'team', administrator: true }, ['Team lead']],
    [{ search: 'team', administrator: false }, ['Teamster', 'Team_mate', 'Team 50%']],
    [{ search: 'team', disabled: true }, ['Team_mate']],
    [{ search: 'team', disabled: false }, ['Teamster', 'Team lead', 'Team 50%']],
    [{ search: 'team', administrator: true, disabled: true }, []],
    [{ search: 'team', administrator: null, disabled: null }, ['Teamster', 'Team lead', 'Team_mate', 'Team 50%']],
  ])('finds %j', async (variables, names) => {
    const answer = await browser.send(users, variables);
    expect(answer.errors).toBeUndefined();
    expect(namesIn(answer)).toEqual(names);
  });

  test('lists everyone, the latest first, in pages', async () => {
    const rows = await server().sql('select name from users order by id desc');
    expect(namesIn(await browser.send(users, {}))).toEqual(rows.map(({ name }) => name));
    const first = await browser.send(users, { first: 3 });
    const { endCursor, hasNextPage } = first.data.users.pageInfo;
    expect(hasNextPage).toBe(true);
    const rest = await browser.send(users, { after: endCursor });
    expect([...namesIn(first), ...namesIn(rest)]).toEqual(rows.map(({ name }) => name));
  });

  test('tells what the credentials of an account tell of it', async () => {
    const active = await server().user({ name: 'Active' });
    await server().user({ name: 'Activeless' });
    await server().actingAs(active, []);
    await server().actingAs(active, []);
    const of = async () => (await browser.send(users, { search: 'active' })).data.users.nodes;
    expect(await of()).toMatchObject([
      { name: 'Activeless', apiTokenCount: 0, lastActiveAt: null },
      { name: 'Active', apiTokenCount: 2, lastActiveAt: null },
    ]);
    await server().withSession(active);
    await server().sql("update sessions set last_active_at = '2031-01-02T03:04:00Z' where user_id = $1", [active.id]);
    expect((await of())[1].lastActiveAt).toBe('2031-01-02T03:04:00.000Z');
    await server().sql("update api_tokens set last_used_at = '2032-01-02T03:04:00Z' where user_id = $1", [active.id]);
    expect((await of())[1].lastActiveAt).toBe('2032-01-02T03:04:00.000Z');
    await server().sql('delete from sessions where user_id = $1', [active.id]);
    expect((await of())[1].lastActiveAt).toBe('2032-01-02T03:04:00.000Z');
  });

  test('takes few statements, however many users there are', async () => {
    await browser.send('{ viewer { kind } }');
    await server().app.services.usage.flush();
    const statements = await watchStatements(server());
    try {
      const answer = await browser.send(users, {});
      expect(answer.data.users.nodes.length).toBeGreaterThan(5);
      // The session, the users, and what their credentials tell.
      expect(statements.since()).toBe(3);
    } finally {
      statements.stop();
    }
  });

  test('is an administrator’s, by session or by a token that may read users', async () => {
    for (const granted of [['user:read'], ['read'], ['*']]) {
      expect((await (await server().actingAs(root, granted)).send(users, {})).errors).toBeUndefined();
    }
    const ordinary = team[0] as User;
    const attempts: [Client, string, number][] = [
      [server().asGuest(), 'UNAUTHENTICATED', 401],
      [await server().withSession(ordinary), 'FORBIDDEN', 403],
      [await server().actingAs(ordinary, ['*']), 'FORBIDDEN', 403],
      [await server().actingAs(ordinary, []), 'INSUFFICIENT_ABILITIES', 403],
      [await server().actingAs(root, ['post:read', 'update']), 'INSUFFICIENT_ABILITIES', 403],
    ];
    for (const [client, code, status] of attempts) {
      expect(refused(await client.send(users, {}))).toEqual([[code], status, undefined]);
    }
  });

  test.each([
    [{ first: 0 }, 'first'],
    [{ after: 'x' }, 'after'],
    [{ search: 'a\0' }, 'search'],
    [{ search: 'x'.repeat(256) }, 'search'],
  ])('refuses %j', async (variables, field) => {
    const answer = await browser.send(users, variables);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual([field]);
  });
});

describe('what an account keeps from others', () => {
  const about = 'query ($id: ID!) { user(id: $id) { name administrator disabledAt apiTokenCount lastActiveAt } }';
  const own = '{ viewer { user { administrator disabledAt apiTokenCount lastActiveAt } } }';

  test('is shown to administrators', async () => {
    const user = await server().user({ name: 'Known' });
    await server().actingAs(user, []);
    for (const client of [browser, await server().actingAs(root, ['user:read'])]) {
      const answer = await client.send(about, { id: publicIdOf.user(user) });
      expect(answer.errors).toBeUndefined();
      expect(answer.data.user).toEqual({
        name: 'Known',
        administrator: false,
        disabledAt: null,
        apiTokenCount: 1,
        lastActiveAt: null,
      });
    }
    expect((await browser.send(own)).data.viewer.user).toMatchObject({ administrator: true, disabledAt: null });
  });

  test('is null for everyone else, each with a FORBIDDEN at its place; one’s own role is one’s own to see', async () => {
    const user = await server().user();
    for (const client of [await server().withSession(user), await server().actingAs(user, ['*'])]) {
      const theirs = await client.send(about, { id: publicIdOf.user(root) });
      const nothing = { administrator: null, disabledAt: null, apiTokenCount: null, lastActiveAt: null };
      expect(theirs.data.user).toEqual({ name: 'Root', ...nothing });
      expect(theirs.codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
      const mine = await client.send(own);
      expect(mine.data.viewer.user).toEqual({ ...nothing, administrator: false });
      expect(mine.codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    }
  });
});

describe('updateUser', () => {
  const change = (user: User, values: object, client = browser) =>
    client.send(update, { id: publicIdOf.user(user), ...values });

  test('C2: makes an administrator, whose sessions end, and whose tokens can more at once', async () => {
    const user = await server().user();
    const old = await server().withSession(user);
    const program = await server().actingAs(user, ['settings:read']);
    const settings = '{ apiSettings { updatedAt } }';
    expect((await program.send(settings)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
    const answer = await change(user, { administrator: true });
    expect(answer.data.updateUser).toEqual({ id: publicIdOf.user(user), administrator: true, disabledAt: null });
    expect(await kindOf(old)).toBe('GUEST');
    expect((await program.send(settings)).errors).toBeUndefined();
    expect((await (await server().withSession(user)).send(users, {})).errors).toBeUndefined();
  });

  test('C2: makes an ordinary user, whose sessions end, and whose tokens can less at once', async () => {
    const user = await server().administrator();
    const old = await server().withSession(user);
    const program = await server().actingAs(user, ['settings:read', 'user:read']);
    expect((await program.send(users, {})).errors).toBeUndefined();
    expect((await change(user, { administrator: false })).data.updateUser.administrator).toBe(false);
    expect(await kindOf(old)).toBe('GUEST');
    expect((await program.send(users, {})).codes).toEqual(['FORBIDDEN']);
    expect((await program.send('{ apiSettings { updatedAt } }')).codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('disables an account from the next request on, and enables it again', async () => {
    const user = await server().user();
    const old = await server().withSession(user);
    const program = await server().actingAs(user, ['read']);
    const answer = await change(user, { disabled: true });
    expect(answer.data.updateUser).toMatchObject({
      administrator: false,
      disabledAt: expect.stringMatching(/^\d{4}-/),
    });
    expect(await kindOf(old)).toBe('GUEST');
    expect(await kindOf(program)).toBe('UNAUTHENTICATED');
    const credentials = { email: user.email, password };
    expect((await server().asGuest().send(login, credentials)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await change(user, { disabled: false })).data.updateUser.disabledAt).toBeNull();
    expect(await kindOf(old)).toBe('GUEST');
    expect(await kindOf(program)).toBe('TOKEN');
    expect((await server().asGuest().send(login, credentials)).data.login).toEqual({ kind: 'SESSION' });
  });

  test('changes what it names and leaves the rest', async () => {
    const user = await server().user();
    await change(user, { administrator: true, disabled: true });
    expect(await standingOf(user)).toEqual({ administrator: true, disabled: true });
    await change(user, { disabled: false });
    expect(await standingOf(user)).toEqual({ administrator: true, disabled: false });
    await change(user, { administrator: false, disabled: null });
    expect(await standingOf(user)).toEqual({ administrator: false, disabled: false });
  });

  test.each([[{}], [{ administrator: null, disabled: null }], [{ administrator: false, disabled: false }]])(
    'changes nothing and ends no session for %j of one who is that already',
    async (values) => {
      const user = await server().user();
      const session = await server().withSession(user);
      const before = await server().contents();
      expect((await change(user, values)).data.updateUser).toMatchObject({ administrator: false, disabledAt: null });
      expect(await server().contents()).toEqual(before);
      expect(await kindOf(session)).toBe('SESSION');
    },
  );

  test('keeps the moment at which an account was disabled', async () => {
    const user = await server().user();
    const first = (await change(user, { disabled: true })).data.updateUser.disabledAt;
    expect((await change(user, { disabled: true, administrator: true })).data.updateUser.disabledAt).toBe(first);
  });

  test.each([[{ administrator: false }], [{ disabled: true }], [{ administrator: true }], [{}]])(
    'does not let an administrator decide about themselves: %j',
    async (values) => {
      const before = await server().contents();
      const answer = await change(root, values);
      expect([answer.codes, answer.status]).toEqual([['CONFLICT'], 409]);
      expect(await server().contents()).toEqual(before);
      expect(await kindOf(browser)).toBe('SESSION');
    },
  );

  test.each([[{ administrator: false }], [{ disabled: true }]])(
    'lets one of two win who do this to each other at once: %j',
    async (values) => {
      const [one, two] = [await server().administrator(), await server().administrator()];
      const clients = [await server().withSession(one), await server().withSession(two)] as const;
      const answers = await Promise.all([change(two, values, clients[0]), change(one, values, clients[1])]);
      const outcomes = answers.map((answer) => answer.codes[0] ?? 'done').sort();
      expect(outcomes[1]).toBe('done');
      // The one who lost was an administrator no longer, or signed in no longer.
      expect(['FORBIDDEN', 'UNAUTHENTICATED']).toContain(outcomes[0]);
      const standings = [await standingOf(one), await standingOf(two)];
      expect(standings).toContainEqual({ administrator: true, disabled: false });
    },
  );

  test('Z3: is no longer for one who has been made an ordinary user', async () => {
    const [one, two] = [await server().administrator(), await server().administrator()];
    const client = await server().withSession(one);
    await change(one, { administrator: false }, await server().withSession(two));
    expect(await kindOf(client)).toBe('GUEST');
    const again = await server().withSession(one);
    const before = await server().contents();
    expect(refused(await change(two, { disabled: true }, again))).toEqual([['FORBIDDEN'], 403, undefined]);
    expect(await server().contents()).toEqual(before);
  });

  test('Z3: is refused to everyone but the session of an administrator, and changes nothing', async () => {
    const user = await server().user();
    const attempts: [Client, string, number][] = [
      [server().asGuest(), 'UNAUTHENTICATED', 401],
      [await server().withSession(user), 'FORBIDDEN', 403],
      [await server().actingAs(user, ['*']), 'SESSION_REQUIRED', 403],
      [await server().actingAs(root, ['*']), 'SESSION_REQUIRED', 403],
    ];
    const before = await server().contents();
    for (const [client, code, status] of attempts) {
      const answer = await change(user, { administrator: true }, client);
      expect(refused(answer)).toEqual([[code], status, undefined]);
    }
    expect(await server().contents()).toEqual(before);
  });

  test('does not find one who is not there, and takes no other id', async () => {
    const before = await server().contents();
    expect((await browser.send(update, { id: missing, disabled: true })).codes).toEqual(['NOT_FOUND']);
    for (const id of ['', 'Ada', root.id, missing.replace('user', 'token')]) {
      const answer = await browser.send(update, { id, disabled: true });
      expect(answer.errors?.[0]?.extensions).toEqual({
        code: 'BAD_USER_INPUT',
        fields: { id: ['must be the id of a user.'] },
      });
    }
    expect(await server().contents()).toEqual(before);
  });
});

describe('the last administrator', () => {
  const alone = testServer({ LOGIN_ATTEMPTS_PER_ADDRESS: '1000' });
  const leave = 'mutation ($password: String!) { deleteAccount(password: $password) { kind } }';

  test('cannot leave before there is another one who can sign in', async () => {
    const last = await alone().administrator();
    const disabled = await alone().administrator();
    await alone().user();
    await alone().sql('update users set disabled_at = now() where id = $1', [disabled.id]);
    const client = await alone().withSession(last);
    const before = await alone().contents();
    const answer = await client.send(leave, { password });
    expect([answer.codes, answer.status]).toEqual([['CONFLICT'], 409]);
    expect(await alone().contents()).toEqual(before);
    expect(client.cookie).not.toBe('');
    await client.send(update, { id: publicIdOf.user(disabled), disabled: false });
    expect((await client.send(leave, { password })).data.deleteAccount).toEqual({ kind: 'GUEST' });
    expect(await alone().sql('select id from users where is_administrator')).toEqual([{ id: disabled.id }]);
    await alone().sql('delete from users');
  });

  test('is the one of two who wanted to leave at once and came second', async () => {
    const two = [await alone().administrator(), await alone().administrator()];
    const clients = await Promise.all(two.map((each) => alone().withSession(each)));
    const answers = await Promise.all(clients.map((client) => client.send(leave, { password })));
    expect(answers.map((answer) => answer.codes[0] ?? 'gone').sort()).toEqual(['CONFLICT', 'gone']);
    expect(await alone().sql('select id from users where is_administrator')).toHaveLength(1);
  });
});
