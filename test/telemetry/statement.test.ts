import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statementFacts } from '../../src/telemetry/statement.js';

describe('what is told of a statement', () => {
  test.each([
    [
      'select $1::uuid,\n  t."c0" from "posts" as "r"',
      'select $1::uuid, t."c0" from "posts" as "r"',
      'SELECT',
      'posts',
    ],
    [
      "insert into sessions (id) values ('a''b', E'c\\'d', 12.5, -3)",
      'insert into sessions (id) values (?, ?, ?, -?)',
      'INSERT',
      'sessions',
    ],
    ["update users u set name = 'x' where u.id = 7", 'update users u set name = ? where u.id = ?', 'UPDATE', 'users'],
    ['delete from only "a" where b = \'from c\'', 'delete from only "a" where b = ?', 'DELETE', 'a'],
    ['begin', 'begin', 'BEGIN', null],
    ["select 'a\\' || 'canary'", 'select ? || ?', 'SELECT', null],
  ])('%j', (statement, text, operation, table) => {
    expect(statementFacts(statement)).toEqual({ text, operation, table });
  });

  test('no literal, however it is quoted', () => {
    const quotes = fc.constantFrom(
      (value: string) => `'${value.replaceAll("'", "''")}'`,
      (value: string) => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
    );
    const value = fc.string({ unit: fc.constantFrom("'", '\\', 'E', ' ', '"', '$', '1', '\n', '--') });
    fc.assert(
      fc.property(fc.array(fc.tuple(quotes, value)), (values) => {
        const list = values.map(([quote, each]) => quote(`${each}canary${each}`)).join(', ');
        expect(statementFacts(`select ${list} from posts`).text).not.toContain('canary');
      }),
    );
  });
});
