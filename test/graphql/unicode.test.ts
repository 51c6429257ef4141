import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, type Client, password, testServer } from '../helper.js';

const server = testServer({ REGISTRATIONS_PER_ADDRESS: '100000', TOKENS_PER_USER: '10000' });

let browser: Client;
let email: string;
let sequence = 0;

beforeAll(async () => {
  await server().api(true);
  const user = await server().user();
  email = user.email;
  browser = await server().withSession(user);
});

/** A field that keeps a text: how it is written, where it is answered, and where it is stored. */
interface Field {
  readonly name: string;
  readonly argument: string;
  readonly write: (text: string) => Promise<Answer>;
  readonly answered: (data: any) => string;
  readonly stored: string;
  /** Whether it is one line, without the white space around it. */
  readonly isLine: boolean;
}

const fields: Field[] = [
  {
    name: 'the title of a post',
    argument: 'title',
    write: (text) => browser.send('mutation ($t: String!) { createPost(title: $t, body: "") { title } }', { t: text }),
    answered: (data) => data.createPost.title,
    stored: 'select title as text from posts order by id desc limit 1',
    isLine: true,
  },
  {
    name: 'the text of a post',
    argument: 'body',
    write: (text) => browser.send('mutation ($t: String!) { createPost(title: "A", body: $t) { body } }', { t: text }),
    answered: (data) => data.createPost.body,
    stored: 'select body as text from posts order by id desc limit 1',
    isLine: false,
  },
  {
    name: 'the name of a token',
    argument: 'name',
    write: (text) =>
      browser.send('mutation ($t: String!) { createApiToken(name: $t, abilities: []) { apiToken { name } } }', {
        t: text,
      }),
    answered: (data) => data.createApiToken.apiToken.name,
    stored: 'select name as text from api_tokens order by id desc limit 1',
    isLine: true,
  },
  {
    name: 'the name of a device',
    argument: 'deviceName',
    write: (text) =>
      server()
        .asGuest()
        .send(
          'mutation ($e: String!, $p: String!, $t: String!) { issueApiToken(email: $e, password: $p, deviceName: $t) { apiToken { name } } }',
          { e: email, p: password, t: text },
        ),
    answered: (data) => data.issueApiToken.apiToken.name,
    stored: 'select name as text from api_tokens order by id desc limit 1',
    isLine: true,
  },
  {
    name: 'the name of who registers',
    argument: 'name',
    write: (text) => {
      sequence += 1;
      return server()
        .asGuest()
        .send(
          'mutation ($e: String!, $p: String!, $t: String!) { register(name: $t, email: $e, password: $p) { user { name } } }',
          { e: `unicode-${sequence}@example.com`, p: password, t: text },
        );
    },
    answered: (data) => data.register.user.name,
    stored: 'select name as text from users order by id desc limit 1',
    isLine: true,
  },
  {
    name: 'a new name of an account',
    argument: 'name',
    write: (text) => browser.send('mutation ($t: String) { updateAccount(name: $t) { user { name } } }', { t: text }),
    answered: (data) => data.updateAccount.user.name,
    stored: 'select name as text from users order by updated_at desc, id desc limit 1',
    isLine: true,
  },
];

const taken: [string, string][] = [
  ['text that turns around', 'a\u202egnp.exe\u202c \u2066b\u2069'],
  ['characters that join', '👩‍👩‍👧‍👦 ❤️‍🔥'],
  ['characters of four bytes', '𝒳🙂𐍈'],
  ['one character composed', 'caf\u00e9'],
  ['one character in two parts', 'cafe\u0301'],
  ['characters that nobody sees', 'a\u200b\u200d\u00ad\u2060b'],
  ['HTML', '<img src=x onerror=alert(1)>&amp;"\'`'],
  ['white space around it', ' \t a b \u00a0'],
  ['other ends of lines', 'a\u2028b\u2029c\u0085d'],
  ['the last characters there are', '\uffff\u{10ffff}\ufdd0'],
  ['255 characters', 'x'.repeat(255)],
  ['255 characters of four bytes', '🙂'.repeat(255)],
];

const refused: [string, string][] = [
  ['the first half of a character', 'a\ud83d'],
  ['the second half of a character', '\ude42a'],
  ['two halves in the wrong order', 'a\ude42\ud83db'],
  ['a NUL', 'a\0b'],
];

const refusedInLines: [string, string][] = [
  ['256 characters', 'x'.repeat(256)],
  ['256 characters of four bytes', '🙂'.repeat(256)],
  ['256 characters that look like 128', 'e\u0301'.repeat(128)],
  ['400 characters that look like 58', '👩‍👩‍👧‍👦'.repeat(58)],
  ['nothing', ''],
  ['only white space', ' \t\u00a0\u2003'],
  ['two lines', 'a\nb'],
];

describe.each(fields)('X2 $name', ({ argument, write, answered, stored, isLine }) => {
  test.each(taken)('keeps %s, byte for byte', async (_name, text) => {
    const answer = await write(text);
    expect(answer.errors).toBeUndefined();
    const expected = isLine ? text.trim() : text;
    expect(answered(answer.data)).toBe(expected);
    const [row] = await server().sql(
      `select encode(convert_to(text, 'UTF8'), 'hex') as bytes from (${stored}) as written`,
    );
    expect(row?.bytes).toBe(Buffer.from(expected).toString('hex'));
  });

  test.each([...refused, ...(isLine ? refusedInLines : [])])('refuses %s, and keeps nothing', async (_name, text) => {
    const before = await server().contents();
    const answer = await write(text);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual([argument]);
    expect(await server().contents()).toEqual(before);
  });
});
