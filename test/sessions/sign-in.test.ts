import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { Passwords } from '../../src/auth/passwords.js';
import { signIn } from '../../src/auth/sign-in.js';
import { toPrincipalUser } from '../../src/users/account.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';

const server = testServer({ LOGIN_ATTEMPTS_PER_ADDRESS: '1000' });
const log = new LogLines();
const watched = testServer({ LOG_LEVEL: 'warn' }, log);

const login = `mutation ($email: String!, $password: String!) {
  login(email: $email, password: $password) {
    kind abilities user { id email } token { id } tokenCan(ability: "post:update")
  }
}`;
const kind = '{ viewer { kind } }';
const wrong = 'not the right one';

const kindOf = async (client: Client) => (await client.send(kind)).data.viewer.kind;
const kindBehind = async (cookie: string) =>
  (await server().asGuest().send(kind, {}, { cookie })).data.viewer.kind as string;
const logIn = (email: string, given: string) => server().asGuest().send(login, { email, password: given });
const hashOf = async (user: User) =>
  (await server().sql('select password_hash from users where id = $1', [user.id]))[0]?.password_hash as string;
const setHash = (user: User, text: string) =>
  server().sql('update users set password_hash = $2 where id = $1', [user.id, text]);
const sessionsOf = async (user: User) => server().sql('select * from sessions where user_id = $1', [user.id]);

/** What a client can tell one refusal from another by. */
const outside = ({ status, text, headers }: Answer) => ({
  status,
  text,
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')),
});

/** Every row of every table as text, as a dump of the database would hold it. */
async function dump(): Promise<string> {
  const tables = await server().sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(5);
  const texts = await Promise.all(
    tables.map(async ({ name }) => (await server().sql(`select t::text as row from ${name} t`)).map(({ row }) => row)),
  );
  return texts.flat().join('\n');
}

beforeAll(() => server().api(true));

describe('login', () => {
  test('signs the browser in', async () => {
    const user = await server().user();
    const browser = server().asGuest();
    const answer = await browser.send(login, { email: user.email, password });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.login).toMatchObject({
      kind: 'SESSION',
      user: { id: publicIdOf.user(user), email: user.email },
      token: null,
      tokenCan: true,
    });
    expect(await kindOf(browser)).toBe('SESSION');
  });

  test.each([
    ['upper case', (email: string) => email.toUpperCase()],
    ['white space around it', (email: string) => `\t${email} `],
  ])('knows the e-mail in %s', async (_case, spelt) => {
    const { email } = await server().user();
    expect((await logIn(spelt(email), password)).data.login.user.email).toBe(email);
  });

  test('C12: keeps only the SHA-256 of what the cookie holds', async () => {
    const user = await server().user();
    const browser = server().asGuest();
    await browser.send(login, { email: user.email, password }, { 'user-agent': 'Netscape/4.0' });
    const secret = browser.cookie.replace('latchkey=', '');
    expect(secret).toMatch(/^[\w-]{43}$/);
    const [row] = await sessionsOf(user);
    expect(row?.secret_hash).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(row).toMatchObject({ user_agent: 'Netscape/4.0', ip: '127.0.0.1' });
    const everything = await dump();
    expect(everything).toContain(row?.secret_hash);
    // Neither as it is nor as bytes in another spelling, and what is there is of no use as a cookie.
    const bytes = Buffer.from(secret, 'base64url');
    for (const spelling of [secret, bytes.toString('hex'), bytes.toString('base64')]) {
      expect(everything).not.toContain(spelling);
    }
    for (const useless of [row?.secret_hash, row?.id, Buffer.from(row?.secret_hash, 'hex').toString('base64url')]) {
      expect(await kindBehind(`latchkey=${useless}`)).toBe('GUEST');
    }
  });

  test('C2: never takes over a cookie that the browser brought along', async () => {
    const user = await server().user();
    const planted = `latchkey=${'A'.repeat(43)}`;
    const answer = await server().asGuest().send(login, { email: user.email, password }, { cookie: planted });
    expect(answer.data.login.kind).toBe('SESSION');
    expect(answer.headers.getSetCookie()[0]).not.toContain('A'.repeat(43));
    expect(await kindBehind(planted)).toBe('GUEST');
  });

  test('C2: gives a new session and ends the one that the browser had, which may be another user’s', async () => {
    const first = await server().user();
    const second = await server().user();
    const browser = await server().withSession(first);
    const elsewhere = await server().withSession(first);
    const before = browser.cookie;
    const answer = await browser.send(login, { email: second.email, password });
    expect(answer.data.login.user.email).toBe(second.email);
    expect(browser.cookie).not.toBe(before);
    expect(await kindBehind(before)).toBe('GUEST');
    expect(await kindOf(elsewhere)).toBe('SESSION');
    expect(await sessionsOf(second)).toHaveLength(1);
  });

  test('gives a new session each time, and the browser the last one of a document', async () => {
    const browser = server().asGuest();
    const answer = await browser.send(
      `mutation ($email: String!, $password: String!) {
        register(name: "Twice", email: $email, password: $password) { kind }
        login(email: $email, password: $password) { kind }
      }`,
      { email: 'twice@example.com', password },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    const [user] = await server().sql<User>(`select * from users where email = 'twice@example.com'`);
    expect(await sessionsOf(user as User)).toHaveLength(1);
    expect(await kindOf(browser)).toBe('SESSION');
  });

  test('A7 tells a wrong password, an unknown e-mail and a disabled account by nothing', async () => {
    const user = await server().user();
    const disabled = await server().user();
    await server().sql('update users set disabled_at = now() where id = $1', [disabled.id]);
    const before = await server().contents();
    const answers = [
      await logIn(user.email, wrong),
      await logIn('nobody@example.com', wrong),
      await logIn('no address at all', wrong),
      await logIn(disabled.email, password),
      await logIn(disabled.email, wrong),
      await logIn(user.email, ''),
    ];
    expect(answers[0]?.codes).toEqual(['UNAUTHENTICATED']);
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.errors?.[0]?.message).toBe('These credentials do not match our records.');
    for (const answer of answers) {
      expect(outside(answer)).toEqual(outside(answers[0] as Answer));
    }
    expect(await server().contents()).toEqual(before);
  });

  test.each([
    ['an e-mail with a NUL', { email: 'a\0@example.com' }, 'email'],
    ['an e-mail with half a character', { email: '\udc00@example.com' }, 'email'],
    ['an e-mail of 256 characters', { email: 'a'.repeat(256) }, 'email'],
    ['a password of 1025 bytes', { password: 'p'.repeat(1_025) }, 'password'],
    ['a password with a NUL', { password: `${password}\0` }, 'password'],
  ])('refuses %s as bad input', async (_case, values, field) => {
    const { email } = await server().user();
    const answer = await server()
      .asGuest()
      .send(login, { email, password, ...values });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual([field]);
  });

  test.each([
    '',
    'plain text',
    '$argon2id$v=19$m=19456,t=2,p=1$broken',
    '$2y$12$abcdefghijklmnopqrstuuJ8NzZ5oLkDbCkHzUMc4Dn0QXxEiJmQe',
  ])('A10 treats the stored hash %j, which cannot be read, as a wrong password', async (stored) => {
    const user = await server().user();
    await setHash(user, stored);
    const answer = await logIn(user.email, password);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(outside(answer)).toEqual(outside(await logIn('nobody@example.com', password)));
  });

  test('A10 a stored hash that cannot be read is told to the operator, without the hash', async () => {
    const user = await watched().user();
    const broken = '$argon2id$v=19$m=19456,t=2,p=1$broken';
    await watched().sql('update users set password_hash = $2 where id = $1', [user.id, broken]);
    log.clear();
    const answer = await watched().asGuest().send(login, { email: user.email, password });
    expect([answer.codes, answer.status]).toEqual([['UNAUTHENTICATED'], 401]);
    expect(log.entries.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([
      'a stored password hash cannot be read',
    ]);
    expect(log.text).not.toContain('broken');
  });

  test('works with a token on the same request, and leaves the token alone', async () => {
    const user = await server().user();
    const program = await server().actingAs(user, ['read']);
    const answer = await program.send(login, { email: user.email, password });
    expect(answer.data.login).toMatchObject({ kind: 'SESSION', tokenCan: true });
    expect(await kindOf(server().withToken(program.token))).toBe('TOKEN');
  });
});

describe('A11 a hash with parameters of yesterday', () => {
  const outdated = () => hash(password, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  const today = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

  test('is made anew when its owner logs in', async () => {
    const user = await server().user();
    await setHash(user, await outdated());
    expect((await logIn(user.email, password)).data.login.kind).toBe('SESSION');
    expect(await hashOf(user)).toMatch(today);
    expect((await logIn(user.email, password)).data.login.kind).toBe('SESSION');
  });

  test('X4 keeps none of those out who log in at once', async () => {
    const user = await server().user();
    await setHash(user, await outdated());
    const answers = await Promise.all(Array.from({ length: 4 }, () => logIn(user.email, password)));
    expect(answers.map(({ data }) => data?.login?.kind)).toEqual(Array(4).fill('SESSION'));
    expect(await hashOf(user)).toMatch(today);
  });

  test('stays when somebody else tries', async () => {
    const user = await server().user();
    const stored = await outdated();
    await setHash(user, stored);
    expect((await logIn(user.email, wrong)).codes).toEqual(['UNAUTHENTICATED']);
    expect(await hashOf(user)).toBe(stored);
  });

  test('of today stays as it is', async () => {
    const user = await server().user();
    const stored = await hashOf(user);
    await logIn(user.email, password);
    expect(await hashOf(user)).toBe(stored);
  });

  test('never brings an old password back that is changed meanwhile', async () => {
    const user = await server().user();
    await setHash(user, await outdated());
    const { em, throttle, refusals } = server().app.services;
    const changed = await hash('a password of tomorrow');
    class ChangedMeanwhile extends Passwords {
      override async hash(given: string): Promise<string> {
        const made = await super.hash(given);
        await setHash(user, changed);
        return made;
      }
    }
    const passwords = new ChangedMeanwhile();
    const request = { id: '', ip: '127.0.0.1', userAgent: null } as never;
    const services = { em, throttle, passwords, refusals };
    await expect(signIn(services, { email: user.email, password }, request, 'session.begin')).rejects.toThrow(
      'These credentials do not match our records.',
    );
    expect(await hashOf(user)).toBe(changed);
  });
});

describe('a session', () => {
  test('does not begin on a password that is changed between the check and the beginning', async () => {
    const user = await server().user();
    const { sessions } = server().app.services;
    const request = { id: '', ip: '127.0.0.1', userAgent: null, authorization: [], sessionSecret: null } as never;
    const checked = await hashOf(user);
    await setHash(user, await hash('a password of tomorrow'));
    await expect(sessions.begin(toPrincipalUser(user), request, new Date(), { checkedHash: checked })).rejects.toThrow(
      'These credentials do not match our records.',
    );
    expect(await server().sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
  });

  test('does not begin for an account that has gone', async () => {
    const user = await server().user();
    const { sessions } = server().app.services;
    const request = { id: '', ip: '127.0.0.1', userAgent: null, authorization: [], sessionSecret: null } as never;
    await server().sql('delete from users where id = $1', [user.id]);
    await expect(sessions.begin(toPrincipalUser(user), request, new Date())).rejects.toThrow(
      'These credentials do not match our records.',
    );
  });
});

describe('E10: what a browser keeps of a session that is over', () => {
  const revokeThis = async (browser: Client) => {
    const { data } = await browser.send('{ sessions { id isCurrent } }');
    const id = data.sessions.find(({ isCurrent }: { isCurrent: boolean }) => isCurrent).id;
    return browser.send('mutation ($id: ID!) { revokeSession(id: $id) }', { id });
  };

  test.each<[string, (browser: Client) => Promise<Answer>]>([
    ['logout', (browser) => browser.send('mutation { logout { kind } }')],
    ['revokeSession of its own', revokeThis],
    [
      'deleteAccount',
      (browser) => browser.send('mutation ($p: String!) { deleteAccount(password: $p) { kind } }', { p: password }),
    ],
  ])('is nothing after %s: neither the cookie nor an answer', async (_field, end) => {
    const browser = await server().withSession(await server().user());
    const answer = await end(browser);
    expect(answer.errors).toBeUndefined();
    expect(answer.headers.get('clear-site-data')).toBe('"cache"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookie).toBe('');
  });

  test('is left alone by every other answer, none of which may be kept', async () => {
    const user = await server().user();
    const browser = await server().withSession(user);
    const narrowed = { 'x-run-as': 'abilities=' };
    const answers = [
      await browser.send('{ viewer { kind } }'),
      await browser.send('mutation { logout { kind } }', {}, narrowed),
      await browser.send('mutation { revokeOtherSessions }'),
      await server().asGuest().send('mutation { logout { kind } }'),
      await browser.send('{ broken'),
      await server().withToken('lk_broken').send('{ viewer { kind } }'),
    ];
    for (const answer of answers) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('clear-site-data')).toBeNull();
    }
    expect((await browser.send('{ viewer { kind } }')).data.viewer.kind).toBe('SESSION');
  });
});

describe('logout', () => {
  const logout = 'mutation { logout { kind user { id } abilities tokenCan(ability: "read") } }';

  test('signs this browser out, at once and alone', async () => {
    const user = await server().user();
    const browser = await server().withSession(user);
    const elsewhere = await server().withSession(user);
    const before = browser.cookie;
    const answer = await browser.send(logout);
    expect(answer.data.logout).toEqual({ kind: 'GUEST', user: null, abilities: [], tokenCan: false });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^latchkey=; .*Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT/),
    ]);
    expect(answer.headers.get('clear-site-data')).toBe('"cache"');
    expect(browser.cookie).toBe('');
    expect(await kindBehind(before)).toBe('GUEST');
    expect(await kindOf(elsewhere)).toBe('SESSION');
    expect(await sessionsOf(user)).toHaveLength(1);
  });

  test('leaves a guest behind for the rest of the document', async () => {
    const browser = await server().withSession(await server().user());
    const answer = await browser.send('mutation { logout { kind } createPost(title: "Ghost", body: "") { id } }');
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().sql('select id from posts where title = $1', ['Ghost'])).toEqual([]);
  });

  test('shows nothing of the account to the guest that is left', async () => {
    const browser = await server().withSession(await server().user());
    const answer = await browser.send('mutation { logout { kind user { email posts { nodes { title } } } } }');
    expect(answer.data.logout).toEqual({ kind: 'GUEST', user: null });
  });

  test('is for sessions only', async () => {
    const program = await server().actingAs(await server().user(), ['*']);
    const byToken = await program.send(logout);
    expect([byToken.codes, byToken.status]).toEqual([['SESSION_REQUIRED'], 403]);
    const byGuest = await server().asGuest().send(logout);
    expect([byGuest.codes, byGuest.status]).toEqual([['UNAUTHENTICATED'], 401]);
    expect(byGuest.headers.getSetCookie()).toEqual([]);
  });
});

describe('guessing passwords', () => {
  const expectLimited = (answer: Answer) => {
    expect(answer.codes).toEqual(['RATE_LIMITED']);
    expect(answer.status).toBe(429);
    const { retryAfter } = answer.errors?.[0]?.extensions ?? {};
    expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 60).toBe(true);
    expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
  };

  test('ends with the sixth within a minute, even if that one is right', async () => {
    const user = await server().user();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await logIn(user.email, wrong)).codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await logIn(user.email, wrong));
    expectLimited(await logIn(user.email, password));
    expect(await sessionsOf(user)).toEqual([]);
    expect((await logIn((await server().user()).email, password)).data.login.kind).toBe('SESSION');
  });

  test('ends the same way for an e-mail that nobody has', async () => {
    const email = 'nobody-at-all@example.com';
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await logIn(email, wrong)).codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await logIn(email, wrong));
  });

  test('is counted for all spellings of an e-mail together', async () => {
    const { email } = await server().user();
    for (const spelt of [email, email.toUpperCase(), ` ${email}`, `${email} `, `\t${email.toUpperCase()}\n`]) {
      expect((await logIn(spelt, wrong)).codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await logIn(email, wrong));
  });

  test('is told to wait under the older media type too', async () => {
    const { email } = await server().user();
    const legacy = () => server().asGuest().send(login, { email, password: wrong }, { accept: 'application/json' });
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await legacy();
    }
    expectLimited(await legacy());
  });

  test('in one document is refused before the first, so aliases gain nothing', async () => {
    const { email } = await server().user();
    const aliases = ['a', 'b', 'c', 'd', 'e', 'f'].map(
      (alias) => `${alias}: login(email: $email, password: "${wrong} ${alias}") { kind }`,
    );
    const document = `mutation ($email: String!) { ${aliases.join(' ')} }`;
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      expect((await server().asGuest().send(document, { email })).codes).toEqual(['SENSITIVE_MUTATION_LIMIT']);
    }
    expect((await logIn(email, password)).data.login.kind).toBe('SESSION');
  });

  test('is counted behind a sign-in that succeeds', async () => {
    const attacker = await server().user();
    const victim = await server().user();
    const document = `mutation ($own: String!, $victim: String!, $password: String!) {
      own: login(email: $own, password: $password) { kind }
      guess: issueApiToken(email: $victim, password: "${wrong}", deviceName: "A phone") { plainTextToken }
    }`;
    const send = () => server().asGuest().send(document, { own: attacker.email, victim: victim.email, password });
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await send()).codes).toEqual(['UNAUTHENTICATED']);
    }
    expectLimited(await send());
  });

  test('is forgotten once the right one is given', async () => {
    const { email } = await server().user();
    for (let round = 1; round <= 2; round += 1) {
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        expect((await logIn(email, wrong)).codes).toEqual(['UNAUTHENTICATED']);
      }
      expect((await logIn(email, password)).data.login.kind).toBe('SESSION');
    }
  });

  test('begins anew when the minute is over', async () => {
    const { email } = await server().user();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await logIn(email, wrong);
    }
    expectLimited(await logIn(email, password));
    await server().sql('update rate_limits set expire = expire - 60001');
    expect((await logIn(email, password)).data.login.kind).toBe('SESSION');
  });

  test('at once gets five tries and no more', async () => {
    const { email } = await server().user();
    const answers = await Promise.all(Array.from({ length: 12 }, () => logIn(email, wrong)));
    const codes = answers.map((answer) => answer.codes[0]);
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(7);
  });

  test('leaves no e-mail in the table of counters', async () => {
    const { email } = await server().user();
    await logIn(email, wrong);
    const rows = await server().sql('select string_agg(key, chr(10)) as keys from rate_limits');
    expect(rows[0]?.keys).toContain('login_account');
    expect(rows[0]?.keys).not.toContain('@');
  });
});
