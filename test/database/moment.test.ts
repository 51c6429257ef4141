import { expect, test } from '@jest/globals';
import { momentExpression, toMoment } from '../../src/database/moment.js';
import { testServer } from '../helper.js';

const server = testServer();

test.each([
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ['2026-11-22T11:55:53.123Z', '2026-11-22T11:55:53.123Z'],
  ['2026-11-22T11:55:53.123999Z', '2026-11-22T11:55:53.123Z'],
  ['2026-11-22T12:55:53.124+01:00', '2026-11-22T11:55:53.124Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('%s is read as %s', async (written, read) => {
  const [row] = await server().sql<{ ms: number }>(
    `select ${momentExpression(`timestamptz '${written}'`)}::float8 as ms`,
  );
  expect(toMoment(row?.ms ?? Number.NaN).toISOString()).toBe(read);
});

test('every millisecond of a second stays itself', async () => {
  const rows = await server().sql<{ ms: number }>(
    `select ${momentExpression("timestamptz '2026-11-22T11:55:53Z' + make_interval(secs => n / 1000.0)")} as ms
     from generate_series(0, 999) n order by n`,
  );
  const first = Date.parse('2026-11-22T11:55:53Z');
  expect(rows.map(({ ms }) => toMoment(ms).getTime() - first)).toEqual(rows.map((_, index) => index));
});
