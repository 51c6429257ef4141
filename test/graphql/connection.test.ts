import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LatchkeyError } from '../../src/errors.js';
import { type PageArgs, pageRequest, toPage } from '../../src/graphql/connection.js';

const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';

function fieldsOf(args: PageArgs): unknown {
  try {
    pageRequest(args);
  } catch (error) {
    expect(error).toBeInstanceOf(LatchkeyError);
    expect((error as LatchkeyError).code).toBe('BAD_USER_INPUT');
    return (error as LatchkeyError).extensions.fields;
  }
  return undefined;
}

const records = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${uuid.slice(0, -4)}${String(9_999 - index).padStart(4, '0')}`,
  }));

describe('a page', () => {
  test.each([1, 100])('may have %i records', (first) => {
    expect(pageRequest({ first })).toEqual({ first, after: null });
  });

  test.each([
    [0, 'must be at least 1.'],
    [-1, 'must be at least 1.'],
    [101, 'must be at most 100.'],
    [2_147_483_647, 'must be at most 100.'],
  ])('may not have %i records', (first, problem) => {
    expect(fieldsOf({ first })).toEqual({ first: [problem] });
  });

  test.each([
    ['empty', ''],
    ['noise', 'noise'],
    ['a number', 'MTA'],
    ['a UUID that nobody encoded', uuid],
    ['a UUID in upper case', Buffer.from(uuid.toUpperCase()).toString('base64url')],
    ['a UUID with something behind it', Buffer.from(`${uuid}\n`).toString('base64url')],
    ['a statement', Buffer.from("' or 1=1 --").toString('base64url')],
  ])('starts after no cursor that is %s', (_case, after) => {
    expect(fieldsOf({ first: 20, after })).toEqual({ after: ['must be a cursor of this list.'] });
  });

  test('is refused with all that is wrong at once', () => {
    expect(Object.keys(fieldsOf({ first: 0, after: '?' }) as object)).toEqual(['first', 'after']);
  });

  test('of what was read holds as many as were asked for, and says whether there is more', async () => {
    await fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 101 }), (first, count) => {
        const found = records(Math.min(count, first + 1));
        const page = toPage(found, { first, after: null });
        expect(page.nodes).toEqual(found.slice(0, first));
        expect(page.edges.map((edge) => edge.node)).toEqual(page.nodes);
        expect(page.pageInfo.hasNextPage).toBe(found.length > first);
        expect(page.pageInfo.hasPreviousPage).toBe(false);
        expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
        expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
      }),
    );
  });

  test('gives cursors that lead to the record they stand for', async () => {
    await fc.assert(
      fc.property(fc.uuid(), (id) => {
        const [edge] = toPage([{ id }], { first: 1, after: null }).edges;
        expect(pageRequest({ first: 1, after: edge?.cursor ?? '' }).after).toBe(id);
      }),
    );
  });

  test('that was asked for with a cursor has something before it', () => {
    expect(toPage(records(1), { first: 1, after: uuid }).pageInfo.hasPreviousPage).toBe(true);
  });
});
