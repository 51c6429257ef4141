import { beforeAll, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer({ REGISTRATIONS_PER_ADDRESS: '1000', LOGIN_ATTEMPTS_PER_ADDRESS: '1000' });
const update = `mutation ($name: String, $email: String, $currentPassword: String) {
  updateAccount(name: $name, email: $email, currentPassword: $currentPassword) { kind user { id name email } }
}`;
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';

const freshEmail = () => `${v7()}@example.com`;
const fieldsOf = (answer: Answer) => [answer.codes, answer.errors?.[0]?.extensions.fields];
const signIn = async (email: string) => (await server().asGuest().send(login, { email, password })).codes;

let user: User;
let browser: Client;

async function row(of: User): Promise<unknown> {
  return (await server().sql('select name, email from users where id = $1', [of.id]))[0];
}

beforeAll(async () => {
  await server().api(true);
  user = await server().user({ name: 'Ada' });
  browser = await server().withSession(user);
});

describe('updateAccount', () => {
  test('changes the name without a password, and answers with the new one', async () => {
    const answer = await browser.send(update, { name: ' Ada Lovelace ' });
    expect(answer.data.updateAccount).toEqual({
      kind: 'SESSION',
      user: { id: publicIdOf.user(user), name: 'Ada Lovelace', email: user.email },
    });
    expect(await row(user)).toEqual({ name: 'Ada Lovelace', email: user.email });
    expect((await browser.send('{ viewer { user { name } } }')).data.viewer.user.name).toBe('Ada Lovelace');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('changes the e-mail for the password, in its stored spelling, and the sessions and tokens go on', async () => {
    const mover = await server().user();
    const here = await server().withSession(mover);
    const there = await server().withSession(mover);
    const program = await server().actingAs(mover, ['read']);
    const email = freshEmail();
    const answer = await here.send(update, { email: `  ${email.toUpperCase()}\n`, currentPassword: password });
    expect(answer.data.updateAccount.user).toEqual({ id: publicIdOf.user(mover), name: mover.name, email });
    expect(await row(mover)).toEqual({ name: mover.name, email });
    for (const client of [here, there, program]) {
      expect((await client.send('{ viewer { user { email } } }')).data.viewer.user).toEqual({ email });
    }
    expect(await signIn(mover.email)).toEqual(['UNAUTHENTICATED']);
    expect(await signIn(email)).toEqual([]);
  });

  test('changes both at once', async () => {
    const mover = await server().user();
    const email = freshEmail();
    const client = await server().withSession(mover);
    await client.send(update, { name: 'Both', email, currentPassword: password });
    expect(await row(mover)).toEqual({ name: 'Both', email });
  });

  test('takes the address of today, in any spelling, for no change', async () => {
    for (const email of [user.email, ` ${user.email.toUpperCase()} `, null, undefined]) {
      expect((await browser.send(update, { email, name: null })).errors).toBeUndefined();
    }
    expect(await row(user)).toMatchObject({ email: user.email });
  });

  test('counts within the document that changed it', async () => {
    const mover = await server().user();
    const client = await server().withSession(mover);
    const email = freshEmail();
    const answer = await client.send(
      `mutation ($email: String!, $old: String!, $new: String!) {
        updateAccount(email: $email, currentPassword: $old) { user { email } }
        updatePassword(currentPassword: $old, newPassword: $new) { user { email } }
      }`,
      { email, old: password, new: 'another long password' },
    );
    expect(answer.data).toEqual({ updateAccount: { user: { email } }, updatePassword: { user: { email } } });
  });

  test.each([
    ['no password', {}, { currentPassword: ['is needed for another e-mail address.'] }],
    ['null for a password', { currentPassword: null }, { currentPassword: ['is needed for another e-mail address.'] }],
    ['a wrong password', { currentPassword: 'wrong' }, { currentPassword: ['is not the password of this account.'] }],
    ['a huge password', { currentPassword: 'p'.repeat(1_025) }, { currentPassword: ['must have at most 1024 bytes.'] }],
  ])('refuses another e-mail with %s, and changes nothing', async (_case, given, fields) => {
    const before = await server().contents();
    const answer = await browser.send(update, { name: 'Other', email: freshEmail(), ...given });
    expect(fieldsOf(answer)).toEqual([['BAD_USER_INPUT'], fields]);
    expect(await server().contents()).toEqual(before);
  });

  test('lets a stolen session guess the password five times a minute, together with login', async () => {
    const target = await server().user();
    const client = await server().withSession(target);
    for (let guess = 1; guess <= 4; guess += 1) {
      const answer = await client.send(update, { email: freshEmail(), currentPassword: `guess ${guess}` });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    }
    await server().asGuest().send(login, { email: target.email, password: 'guess 5' });
    const right = await client.send(update, { email: freshEmail(), currentPassword: password });
    expect([right.codes, right.status]).toEqual([['RATE_LIMITED'], 429]);
    expect(await signIn(target.email)).toEqual(['RATE_LIMITED']);
    expect((await client.send(update, { name: 'Still free' })).errors).toBeUndefined();
    expect(await row(target)).toEqual({ name: 'Still free', email: target.email });
  });

  test('refuses an address that is taken, in any spelling, and keeps the name too', async () => {
    const { email } = await server().user();
    const before = await server().contents();
    const answer = await browser.send(update, {
      name: 'Other',
      email: email.toUpperCase(),
      currentPassword: password,
    });
    expect(fieldsOf(answer)).toEqual([['CONFLICT'], { email: ['is taken.'] }]);
    expect(answer.status).toBe(409);
    expect(await server().contents()).toEqual(before);
    expect((await browser.send('{ viewer { user { email } } }')).data.viewer.user.email).toBe(user.email);
  });

  test('X4 gives an address that five ask for at once to one of them', async () => {
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => server().withSession(await server().user())),
    );
    const email = freshEmail();
    const answers = await Promise.all(
      clients.map((client) => client.send(update, { email, currentPassword: password })),
    );
    expect(answers.map((answer) => answer.codes[0] ?? 'done').sort()).toEqual([
      ...Array.from({ length: 4 }, () => 'CONFLICT'),
      'done',
    ]);
  });

  test('refuses an address that is the password', async () => {
    const email = freshEmail();
    const careless = await server().user();
    const client = await server().withSession(careless);
    await client.send(
      'mutation ($old: String!, $new: String!) { updatePassword(currentPassword: $old, newPassword: $new) { kind } }',
      { old: password, new: email },
    );
    const answer = await client.send(update, { email, currentPassword: email });
    expect(fieldsOf(answer)).toEqual([['BAD_USER_INPUT'], { currentPassword: ['must not be the e-mail address.'] }]);
    expect(await row(careless)).toMatchObject({ email: careless.email });
  });

  test('names every bad argument at once', async () => {
    const before = await server().contents();
    const answer = await browser.send(update, { name: ' ', email: 'nobody', currentPassword: 'a\0b' });
    expect(fieldsOf(answer)).toEqual([
      ['BAD_USER_INPUT'],
      {
        name: ['must not be empty.'],
        email: ['must be an e-mail address.'],
        currentPassword: ['must not contain a NUL character.'],
      },
    ]);
    expect(await server().contents()).toEqual(before);
  });

  test('is for sessions only', async () => {
    const program = await server().actingAs(user, ['*']);
    const before = await server().contents();
    const byToken = await program.send(update, { name: 'Other' });
    expect([byToken.codes, byToken.status]).toEqual([['SESSION_REQUIRED'], 403]);
    const byGuest = await server().asGuest().send(update, { name: 'Other' });
    expect([byGuest.codes, byGuest.status]).toEqual([['UNAUTHENTICATED'], 401]);
    expect(await server().contents()).toEqual(before);
  });
});

describe('the search for addresses that have accounts', () => {
  const limited = testServer({ REGISTRATIONS_PER_ADDRESS: '2' });

  test('is slowed as that by registering is, though the password is right', async () => {
    const taken = await limited().user();
    const client = await limited().withSession(await limited().user());
    const probe = () => client.send(update, { email: taken.email, currentPassword: password });
    expect((await probe()).codes).toEqual(['CONFLICT']);
    expect((await probe()).codes).toEqual(['CONFLICT']);
    expect((await probe()).codes).toEqual(['RATE_LIMITED']);
    expect((await client.send(update, { name: 'Someone' })).errors).toBeUndefined();
  });
});
