import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { parseToken } from '../../src/auth/token-text.js';
import { parsePublicId } from '../../src/database/public-id.js';
import { LatchkeyError } from '../../src/errors.js';
import { PageArgs, pageRequest } from '../../src/graphql/connection.js';
import { checked, email, givenPassword, line, newPassword, text } from '../../src/graphql/input.js';
import { DateTime } from '../../src/graphql/scalars.js';
import { containing } from '../../src/graphql/search.js';
import { type Answer, testServer } from '../helper.js';

const server = testServer();
const register = `mutation ($name: String!, $email: String!, $password: String!) {
  register(name: $name, email: $email, password: $password) { kind }
}`;

/** Texts of 64 kB at which a pattern that backtracks would stay for hours. */
const size = 64_000;
const bombs: [string, string][] = [
  ['a@a@a@…', 'a@'.repeat(size / 2)],
  ['a@a.a.a.…', `a@${'a.'.repeat(size / 2)}`],
  ['a@aaa…!', `a@${'a'.repeat(size)}!`],
  ['a.a.a.…@', `${'a.'.repeat(size / 2)}@`],
  ['spaces', `${' '.repeat(size)}a`],
  ['lines', '\n'.repeat(size)],
  ['underscores', `a${'_'.repeat(size)}`],
  ['digits', '9'.repeat(size)],
  ['surrogates', '\u{1f5dd}'.repeat(size / 4)],
];

function problems(shape: z.ZodType, value: unknown): string[] {
  try {
    checked(z.object({ value: shape }), { value });
    return [];
  } catch (error) {
    const { fields } = (error as LatchkeyError).extensions as { fields: { value: string[] } };
    return fields.value;
  }
}

describe('D12 the length is looked at before any pattern', () => {
  test.each(bombs)('D12 %s', (_name, bomb) => {
    expect(problems(email, bomb)).toEqual(['must have at most 255 characters.']);
    expect(problems(line, `a${bomb}a`)).toEqual(['must have at most 255 characters.']);
    expect(problems(givenPassword, bomb)).toEqual(['must have at most 1024 bytes.']);
    expect(problems(newPassword, bomb)).toEqual(['must have at most 1024 bytes.']);
    expect(() => containing(bomb)).toThrow('must have at most 255 characters.');
    expect(() => pageRequest(Object.assign(new PageArgs(), { first: 1, after: bomb }))).toThrow('must be a cursor');
    expect(() => DateTime.parseValue(bomb)).toThrow('DateTime must be a moment');
    expect(parsePublicId(bomb)).toBeNull();
    expect(parsePublicId(`post_${bomb}`)).toBeNull();
    expect(parseToken('lk', bomb)).toBeNull();
    expect(parseToken('lk', `lk_${bomb}`)).toBeNull();
  });

  test('D12 and one character less is judged by the pattern', () => {
    expect(problems(line, 'x'.repeat(255))).toEqual([]);
    expect(problems(line, `${'x'.repeat(254)}\n${'x'.repeat(100)}`)).toEqual(['must have at most 255 characters.']);
    expect(problems(line, 'a\nb')).toEqual(['must be one line.']);
    expect(problems(line, ' ')).toEqual(['must not be empty.']);
    expect(problems(email, 'a@a@a.example')).toEqual(['must be an e-mail address.']);
    expect(problems(email, `${'a'.repeat(64)}@${'b'.repeat(60)}.example`)).toEqual([]);
  });

  test('D12 over HTTP every field is named, nothing is written and no try is counted', async () => {
    const before = await server().contents();
    for (const [, bomb] of bombs) {
      const sent = bomb.slice(0, 12_000);
      const answer = await server()
        .asGuest()
        .send(register, { name: `a${sent}a`, email: sent, password: sent });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['name', 'email', 'password']);
      expect(answer.text.length).toBeLessThan(1_000);
    }
    expect(await server().contents()).toEqual(before);
    expect(await server().sql(`select 1 from rate_limits`)).toEqual([]);
  });
});

describe('D12 arbitrary texts', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.emailAddress(),
    fc.stringMatching(/^[a@.\n _0-9-]{0,300}$/),
  );

  test('D12 are taken as the shape says, or refused by name; nothing else is thrown', () => {
    fc.assert(
      fc.property(anything, (value) => {
        for (const shape of [email, line, text, givenPassword, newPassword]) {
          const result = shape.safeParse(value);
          if (!result.success) {
            expect(problems(shape, value).length).toBeGreaterThan(0);
          } else if (shape === email || shape === line) {
            expect(result.data.length).toBeLessThanOrEqual(255);
            expect(result.data).toBe(result.data.trim());
            expect(result.data).not.toMatch(/[\r\n\0]/);
            expect(shape.parse(result.data)).toBe(result.data);
          }
        }
        for (const read of [
          () => containing(value),
          () => DateTime.parseValue(value),
          () => pageRequest(Object.assign(new PageArgs(), { first: 1, after: value })),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(LatchkeyError);
            expect((error as LatchkeyError).code).toBe('BAD_USER_INPUT');
          }
        }
        expect(parsePublicId(value)).toBeNull();
        expect(parseToken('lk', value)).toBeNull();
      }),
    );
  });
});

describe('D10 values that are too large', () => {
  const names = (answer: Answer) => Object.keys(answer.errors?.[0]?.extensions.fields ?? {});

  test('D10 a text of 90 kB is bad input, named by its argument', async () => {
    const session = await server().withSession(await server().user());
    const create = 'mutation ($b: String!) { createPost(title: "A", body: $b) { id } }';
    const answer = await session.send(create, { b: 'x'.repeat(90_000) });
    expect([answer.codes, names(answer)]).toEqual([['BAD_USER_INPUT'], ['body']]);
    const written = await session.send(`mutation { createPost(title: "A", body: "${'x'.repeat(90_000)}") { id } }`);
    expect([written.codes, names(written)]).toEqual([['BAD_USER_INPUT'], ['body']]);
  });

  test('D10 a list of 10,000 values is bad input, and a short answer', async () => {
    await server().api(true);
    const session = await server().withSession(await server().user());
    const create = 'mutation ($a: [String!]!) { createApiToken(name: "A", abilities: $a) { plainTextToken } }';
    const answer = await session.send(create, { a: Array.from({ length: 10_000 }, (_, i) => `${i}`) });
    expect([answer.codes, names(answer)]).toEqual([['BAD_USER_INPUT'], ['abilities']]);
    expect(answer.text.length).toBeLessThan(1_000);
  });

  test.each([
    ['a text of 900 kB', { body: 'x'.repeat(900_000) }],
    ['variables of 10 MB', { a: Array.from({ length: 1_000_000 }, () => 'xxxxxxx') }],
  ])('D10 %s is too large to be read', async (_name, variables) => {
    const answer = await server().asGuest().send('{ __typename }', variables);
    expect([answer.status, answer.codes]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });
});
