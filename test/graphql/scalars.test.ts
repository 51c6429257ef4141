import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type GraphQLError, Kind } from 'graphql';
import { DateTime } from '../../src/graphql/scalars.js';

const refused = expect.objectContaining({
  message: 'DateTime must be a moment with an offset, such as 2026-01-31T09:30:00Z.',
  extensions: { code: 'BAD_USER_INPUT' },
});

function refusalOf(value: unknown): GraphQLError | undefined {
  try {
    DateTime.parseValue(value);
  } catch (error) {
    return error as GraphQLError;
  }
  return undefined;
}

describe('DateTime', () => {
  test.each([
    ['2026-01-31T09:30:00Z', '2026-01-31T09:30:00.000Z'],
    ['2026-01-31T09:30:00.5Z', '2026-01-31T09:30:00.500Z'],
    ['2026-01-31T09:30:00.123456789Z', '2026-01-31T09:30:00.123Z'],
    ['2026-01-31T00:30:00+02:00', '2026-01-30T22:30:00.000Z'],
    ['2026-12-31T23:59:59-23:59', '2027-01-01T23:58:59.000Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(DateTime.parseValue(text).toISOString()).toBe(expected);
    expect(DateTime.parseLiteral({ kind: Kind.STRING, value: text }).toISOString()).toBe(expected);
  });

  test.each([
    ['a date alone', '2026-01-31'],
    ['no offset', '2026-01-31T09:30:00'],
    ['no seconds', '2026-01-31T09:30Z'],
    ['31 February', '2026-02-31T09:30:00Z'],
    ['29 February of a common year', '2026-02-29T09:30:00Z'],
    ['the month 13', '2026-13-01T09:30:00Z'],
    ['the month 0', '2026-00-01T09:30:00Z'],
    ['the day 0', '2026-01-00T09:30:00Z'],
    ['the hour 24', '2026-01-31T24:00:00Z'],
    ['the minute 60', '2026-01-31T09:60:00Z'],
    ['an offset of a day', '2026-01-31T09:30:00+24:00'],
    ['a space for the T', '2026-01-31 09:30:00Z'],
    ['five digits of a year', '12026-01-31T09:30:00Z'],
    ['white space around it', ' 2026-01-31T09:30:00Z'],
    ['a line break behind it', '2026-01-31T09:30:00Z\n'],
    ['words', 'tomorrow'],
    ['nothing', ''],
    ['a number', 1_769_851_800_000],
    ['a boolean', true],
    ['a list', ['2026-01-31T09:30:00Z']],
    ['an object', { toString: () => '2026-01-31T09:30:00Z' }],
  ])('refuses %s', (_case, value) => {
    expect(refusalOf(value)).toEqual(refused);
  });

  test('refuses a literal that is no string', () => {
    expect(() => DateTime.parseLiteral({ kind: Kind.INT, value: '2026' })).toThrow(refused as unknown as Error);
  });

  test('answers in UTC with milliseconds, from a date and from what a driver returns as text', () => {
    expect(DateTime.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(DateTime.serialize('2026-01-31T00:30:00+02:00')).toBe('2026-01-30T22:30:00.000Z');
  });

  test('reads every answer of its own as the same moment', async () => {
    const moments = fc.date({
      min: new Date('0100-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    await fc.assert(
      fc.property(moments, (moment) => {
        expect(DateTime.parseValue(DateTime.serialize(moment)).getTime()).toBe(moment.getTime());
      }),
    );
  });

  test('is an error of the client for every other text, and of nobody else', async () => {
    await fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d+)?(Z|[+-]\d\d:\d\d)$/)),
        (text) => {
          const refusal = refusalOf(text);
          if (refusal === undefined) {
            expect(Number.isNaN(DateTime.parseValue(text).getTime())).toBe(false);
          } else {
            expect(refusal).toEqual(refused);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
