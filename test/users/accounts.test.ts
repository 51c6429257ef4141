import { beforeAll, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer({ REGISTRATIONS_PER_ADDRESS: '1000', LOGIN_ATTEMPTS_PER_ADDRESS: '1000' });

const register = `mutation ($name: String!, $email: String!, $password: String!) {
  register(name: $name, email: $email, password: $password) { kind user { id name email } token { id } }
}`;
const login = `mutation ($email: String!, $password: String!) {
  login(email: $email, password: $password) { kind }
}`;
const updatePassword = `mutation ($currentPassword: String!, $newPassword: String!) {
  updatePassword(currentPassword: $currentPassword, newPassword: $newPassword) { kind user { email } }
}`;
const deleteAccount = 'mutation ($password: String!) { deleteAccount(password: $password) { kind user { id } } }';
const kind = '{ viewer { kind } }';

const freshEmail = () => `${v7()}@example.com`;
const kindOf = async (client: Client) => (await client.send(kind)).data.viewer.kind;
const signIn = (email: string, given: string) => server().asGuest().send(login, { email, password: given });

beforeAll(() => server().api(true));

describe('register', () => {
  test('makes an account and signs the browser in', async () => {
    const browser = server().asGuest();
    const email = freshEmail();
    const answer = await browser.send(register, { name: 'Ada', email, password });
    expect(answer.errors).toBeUndefined();
    const [row] = await server().sql('select * from users where email = $1', [email]);
    expect(answer.data.register).toEqual({
      kind: 'SESSION',
      user: { id: publicIdOf.user(row as { id: string }), name: 'Ada', email },
      token: null,
    });
    expect(row).toMatchObject({ name: 'Ada', is_administrator: false, disabled_at: null });
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await kindOf(browser)).toBe('SESSION');
  });

  test('C2: ends the session that the browser had before', async () => {
    const browser = await server().withSession(await server().user());
    const before = browser.cookie;
    await browser.send(register, { name: 'Ada', email: freshEmail(), password });
    expect(browser.cookie).not.toBe(before);
    expect((await server().asGuest().send(kind, {}, { cookie: before })).data.viewer.kind).toBe('GUEST');
  });

  test.each([
    ['the same spelling', (email: string) => email],
    ['upper case', (email: string) => email.toUpperCase()],
    ['white space around it', (email: string) => `  ${email}\n`],
  ])('refuses an e-mail that is taken, in %s', async (_case, spelt) => {
    const { email } = await server().user();
    const before = await server().contents();
    const answer = await server()
      .asGuest()
      .send(register, { name: 'Ada', email: spelt(email), password });
    expect(answer.codes).toEqual(['CONFLICT']);
    expect(answer.status).toBe(409);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ email: ['is taken.'] });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await server().contents()).toEqual(before);
  });

  test('X4 gives an e-mail that ten ask for at once to one of them', async () => {
    const email = freshEmail();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        server()
          .asGuest()
          .send(register, { name: `Twin ${index}`, email: index % 2 === 0 ? email : email.toUpperCase(), password }),
      ),
    );
    const outcomes = answers.map((answer) => answer.codes[0] ?? answer.data.register.kind).sort();
    expect(outcomes).toEqual([...Array(9).fill('CONFLICT'), 'SESSION']);
    expect(await server().sql('select count(*)::int as count from users where email = $1', [email])).toEqual([
      { count: 1 },
    ]);
  });

  test.each([
    ['an empty name', { name: '' }, 'name', 'must not be empty.'],
    ['a name of white space', { name: ' \t ' }, 'name', 'must not be empty.'],
    ['a name of 256 characters', { name: 'n'.repeat(256) }, 'name', 'must have at most 255 characters.'],
    ['a name of two lines', { name: 'Ada\nLovelace' }, 'name', 'must be one line.'],
    ['a name with a NUL', { name: 'A\0da' }, 'name', 'must not contain a NUL character.'],
    ['a name with half a character', { name: 'Ada \ud83d' }, 'name', 'must be well-formed Unicode.'],
    ['an empty e-mail', { email: '' }, 'email', 'must be an e-mail address.'],
    ['an e-mail without a host', { email: 'ada@' }, 'email', 'must be an e-mail address.'],
    ['an e-mail that is two', { email: 'a@example.com,b@example.com' }, 'email', 'must be an e-mail address.'],
    ['an e-mail with a NUL', { email: 'a\0@example.com' }, 'email', 'must not contain a NUL character.'],
    [
      'an e-mail of 256 characters',
      { email: `${'a'.repeat(244)}@example.com` },
      'email',
      'must have at most 255 characters.',
    ],
    ['a huge e-mail', { email: `${'a@'.repeat(30_000)}` }, 'email', 'must have at most 255 characters.'],
    ['a password of 7 characters', { password: 'seven77' }, 'password', 'must have at least 8 characters.'],
    ['a password of 1025 bytes', { password: 'p'.repeat(1_025) }, 'password', 'must have at most 1024 bytes.'],
    [
      'a password of 1025 bytes in few characters',
      { password: `${'🙂'.repeat(256)}p` },
      'password',
      'must have at most 1024 bytes.',
    ],
    ['a password with a NUL', { password: 'a\0bcdefgh' }, 'password', 'must not contain a NUL character.'],
    [
      'one of the commonest passwords',
      { password: 'P@ssw0rd1' },
      'password',
      'is one of the first that anyone would guess.',
    ],
    [
      'a password that is the e-mail',
      { email: 'Own.Name@example.com', password: 'own.name@Example.com' },
      'password',
      'must not be the e-mail address.',
    ],
  ])('A8 refuses %s and writes nothing', async (_case, values, field, problem) => {
    const before = await server().contents();
    const browser = server().asGuest();
    const answer = await browser.send(register, { name: 'Ada', email: freshEmail(), password, ...values });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields[field]).toContain(problem);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual([field]);
    expect(browser.cookie).toBe('');
    expect(await server().contents()).toEqual(before);
  });

  test('names every bad argument at once', async () => {
    const answer = await server().asGuest().send(register, { name: '', email: 'nobody', password: 'short' });
    expect(answer.errors?.[0]?.extensions.fields).toEqual({
      name: ['must not be empty.'],
      email: ['must be an e-mail address.'],
      password: ['must have at least 8 characters.'],
    });
  });

  test.each([
    ['of 8 characters', 'eight-88'],
    ['of 64 characters', `${'sixty-four '.repeat(6)}signs`.slice(0, 64)],
    ['of 128 characters', 'a hundred and twenty-eight '.repeat(5).slice(0, 128)],
    ['of 1024 bytes', 'p'.repeat(1_024)],
    ['of 1024 bytes in 256 characters', '🙂'.repeat(256)],
    ['with spaces at its ends', '  spaced out  '],
  ])('A8 takes a password %s, and login asks for exactly that', async (_case, chosen) => {
    const email = freshEmail();
    const made = await server().asGuest().send(register, { name: 'Ada', email, password: chosen });
    expect(made.errors).toBeUndefined();
    expect((await signIn(email, chosen)).data.login).toEqual({ kind: 'SESSION' });
    const beginning = [...chosen].slice(0, -1).join('');
    expect((await signIn(email, beginning)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await signIn(email, `${beginning}x`)).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('A8 judges a password in the form in which it is kept, however it was typed', async () => {
    const wide = (text: string) => text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
    const email = freshEmail();
    for (const [chosen, problem] of [
      [wide(email), 'must not be the e-mail address.'],
      [wide('Password1'), 'is one of the first that anyone would guess.'],
      ['e\u0301a\u0300o\u0302u\u0308x', 'must have at least 8 characters.'],
      ['🙂🎈🐫🌊', 'must have at least 8 characters.'],
    ] as const) {
      const answer = await server().asGuest().send(register, { name: 'Ada', email, password: chosen });
      expect([chosen, answer.errors?.[0]?.extensions.fields]).toEqual([chosen, { password: [problem] }]);
    }
  });

  test('A8 takes the same characters for the same password, however a keyboard composes them', async () => {
    const email = freshEmail();
    await server().asGuest().send(register, { name: 'Ada', email, password: 'Am\u00e9lie caf\u00e9' });
    expect((await signIn(email, 'Ame\u0301lie cafe\u0301')).data.login).toEqual({ kind: 'SESSION' });
    expect((await signIn(email, 'Amelie cafe')).codes).toEqual(['UNAUTHENTICATED']);
  });

  test.each([
    '🙂 \u202eright to left',
    '<img src=x onerror=alert(1)>',
    `Robert'); drop table users; --`,
    'n'.repeat(255),
  ])('keeps the name %j as it is', async (name) => {
    const answer = await server().asGuest().send(register, { name, email: freshEmail(), password });
    expect(answer.data.register.user.name).toBe(name);
  });

  test('Z7: never makes an administrator, whatever else a document says', async () => {
    const before = await server().contents();
    const answer = await server()
      .asGuest()
      .send(
        `mutation ($email: String!, $password: String!) {
          register(name: "Ada", email: $email, password: $password, isAdministrator: true) { kind }
        }`,
        { email: freshEmail(), password },
      );
    expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await server().contents()).toEqual(before);
  });
});

describe('updatePassword', () => {
  const next = 'a new and longer password';

  test('C2, C4: changes it, gives this browser a new session and ends all the others, and tokens go on', async () => {
    const user = await server().user();
    const here = await server().withSession(user);
    const there = await server().withSession(user);
    const stranger = await server().withSession(await server().user());
    const program = await server().actingAs(user, ['read']);
    const before = here.cookie;
    const answer = await here.send(updatePassword, { currentPassword: password, newPassword: next });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updatePassword).toEqual({ kind: 'SESSION', user: { email: user.email } });
    expect(answer.text).not.toContain(next);
    expect(here.cookie).not.toBe(before);
    expect(await kindOf(here)).toBe('SESSION');
    expect(await kindOf(there)).toBe('GUEST');
    expect((await server().asGuest().send(kind, {}, { cookie: before })).data.viewer.kind).toBe('GUEST');
    expect(await kindOf(stranger)).toBe('SESSION');
    expect(await kindOf(program)).toBe('TOKEN');
    expect((await signIn(user.email, password)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await signIn(user.email, next)).data.login).toEqual({ kind: 'SESSION' });
  });

  test('wants the current one, and changes nothing otherwise', async () => {
    const browser = await server().withSession(await server().user());
    const before = await server().contents();
    const answer = await browser.send(updatePassword, { currentPassword: 'not the right one', newPassword: next });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({
      currentPassword: ['is not the password of this account.'],
    });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await server().contents()).toEqual(before);
    expect(await kindOf(browser)).toBe('SESSION');
  });

  test('lets a stolen session guess five times a minute, together with login', async () => {
    const user = await server().user();
    const browser = await server().withSession(user);
    const guess = () => browser.send(updatePassword, { currentPassword: 'not the right one', newPassword: next });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect((await guess()).codes).toEqual(['BAD_USER_INPUT']);
    }
    expect((await signIn(user.email, 'not the right one')).codes).toEqual(['UNAUTHENTICATED']);
    expect((await guess()).codes).toEqual(['BAD_USER_INPUT']);
    const before = await server().contents();
    const right = await browser.send(updatePassword, { currentPassword: password, newPassword: next });
    expect(right.codes).toEqual(['RATE_LIMITED']);
    expect(right.status).toBe(429);
    expect((await browser.send(deleteAccount, { password })).codes).toEqual(['RATE_LIMITED']);
    expect(await server().contents()).toEqual(before);
  });

  test.each([
    ['too short', () => 'seven77', 'must have at least 8 characters.'],
    ['too long', () => 'p'.repeat(1_025), 'must have at most 1024 bytes.'],
    ['with a NUL', () => 'a\0bcdefgh', 'must not contain a NUL character.'],
    ['of the commonest', () => '1q2w3e4r5t', 'is one of the first that anyone would guess.'],
    ['that is the e-mail', (email: string) => ` ${email.toUpperCase()}`, 'must not be the e-mail address.'],
  ])('A8 refuses a new one %s', async (_case, chosen, problem) => {
    const user = await server().user();
    const browser = await server().withSession(user);
    const before = await server().contents();
    const answer = await browser.send(updatePassword, { currentPassword: password, newPassword: chosen(user.email) });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ newPassword: [problem] });
    expect(await server().contents()).toEqual(before);
  });

  test('is for sessions only', async () => {
    const user = await server().user();
    const program = await server().actingAs(user, ['*']);
    const before = await server().contents();
    const input = { currentPassword: password, newPassword: next };
    const byToken = await program.send(updatePassword, input);
    expect([byToken.codes, byToken.status]).toEqual([['SESSION_REQUIRED'], 403]);
    const byGuest = await server().asGuest().send(updatePassword, input);
    expect([byGuest.codes, byGuest.status]).toEqual([['UNAUTHENTICATED'], 401]);
    expect(await server().contents()).toEqual(before);
  });
});

describe('deleteAccount', () => {
  test('deletes the account with its sessions, tokens and posts, and nobody else’s', async () => {
    const user = await server().user();
    const other = await server().user();
    const here = await server().withSession(user);
    const there = await server().withSession(user);
    const program = await server().actingAs(user, ['read']);
    const bystander = await server().withSession(other);
    await server().post(user);
    await server().post(user, { published: false });
    await server().post(other);
    const countsOf = async ({ id }: { id: string }) =>
      server().sql(
        `select (select count(*)::int from users where id = $1) as users,
          (select count(*)::int from sessions where user_id = $1) as sessions,
          (select count(*)::int from api_tokens where user_id = $1) as tokens,
          (select count(*)::int from posts where author_id = $1) as posts`,
        [id],
      );
    expect(await countsOf(user)).toEqual([{ users: 1, sessions: 2, tokens: 1, posts: 2 }]);

    const answer = await here.send(deleteAccount, { password });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.deleteAccount).toEqual({ kind: 'GUEST', user: null });
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^latchkey=; .*Expires=Thu, 01 Jan 1970/);
    expect(here.cookie).toBe('');

    expect(await countsOf(user)).toEqual([{ users: 0, sessions: 0, tokens: 0, posts: 0 }]);
    expect(await countsOf(other)).toEqual([{ users: 1, sessions: 1, tokens: 0, posts: 1 }]);
    expect(await kindOf(there)).toBe('GUEST');
    expect((await program.send(kind)).codes).toEqual(['UNAUTHENTICATED']);
    expect(await kindOf(bystander)).toBe('SESSION');
    expect((await signIn(user.email, password)).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('leaves a guest behind for the rest of the document', async () => {
    const browser = await server().withSession(await server().user());
    const answer = await browser.send(
      `mutation ($password: String!) {
        deleteAccount(password: $password) { kind }
        createPost(title: "From beyond", body: "") { id }
      }`,
      { password },
    );
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().sql('select id from posts where title = $1', ['From beyond'])).toEqual([]);
    expect(browser.cookie).toBe('');
  });

  test('wants the password, and deletes nothing otherwise', async () => {
    const browser = await server().withSession(await server().user());
    const before = await server().contents();
    const answer = await browser.send(deleteAccount, { password: 'not the right one' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ password: ['is not the password of this account.'] });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await server().contents()).toEqual(before);
  });

  test('is for sessions only', async () => {
    const program = await server().actingAs(await server().user(), ['*']);
    const before = await server().contents();
    expect((await program.send(deleteAccount, { password })).codes).toEqual(['SESSION_REQUIRED']);
    expect((await server().asGuest().send(deleteAccount, { password })).codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().contents()).toEqual(before);
  });

  test('lets the e-mail be registered again', async () => {
    const user = await server().user();
    const browser = await server().withSession(user);
    await browser.send(deleteAccount, { password });
    const again = await browser.send(register, { name: 'Ada', email: user.email, password });
    expect(again.data.register.user.id).not.toBe(publicIdOf.user(user));
  });
});
