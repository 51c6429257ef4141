import { describe, expect, test } from '@jest/globals';
import * as errors from '../src/errors.js';
import { type ErrorCode, errorStatus, LatchkeyError } from '../src/errors.js';
import { answerHead, statusOf } from '../src/graphql/answer-head.js';

/** One of each that features throw. */
const thrown: LatchkeyError[] = [
  errors.unauthenticated(),
  errors.wrongCredentials('wrong_password'),
  LatchkeyError.of(
    errors.insufficientAbilities({ required: [['a']], granted: [], missing: ['a'], coordinates: ['Query.a'] }),
  ),
  errors.forbidden(),
  errors.sessionRequired(),
  errors.apiDisabled(),
  errors.csrfRefused(),
  errors.notFound(),
  errors.badUserInput({ name: ['must not be empty.'] }),
  errors.conflict('Taken.'),
  errors.rateLimited(3, 'login_account'),
  errors.budgetSpent({ requested: 3, limit: 5, remaining: 2, resetsIn: 4 }),
  errors.serviceUnavailable(),
  errors.internalError(),
  errors.limitExceeded('DEPTH_LIMIT', 8, 9),
  errors.answerTooLong(10),
];

/** Codes of requests that never reach a feature. */
const refusals: ErrorCode[] = [
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'NOT_ACCEPTABLE',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'HEADERS_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'REQUEST_TIMEOUT',
  'TOKEN_LIMIT',
  'FRAGMENT_LIMIT',
  'DIRECTIVE_LIMIT',
  'ALIAS_LIMIT',
  'ROOT_FIELD_LIMIT',
  'SELECTION_LIMIT',
  'SENSITIVE_MUTATION_LIMIT',
  'COST_LIMIT',
];

describe('the table of codes', () => {
  test('is closed: every code has a constructor or is a refusal before features', () => {
    const codes = new Set<string>([...thrown.map((error) => error.code), ...refusals]);
    expect([...codes].sort()).toEqual(Object.keys(errorStatus).sort());
  });

  test('every constructor is tried here', () => {
    const constructors = Object.entries(errors).filter(
      ([, value]) => typeof value === 'function' && value !== LatchkeyError,
    );
    expect(constructors).toHaveLength(thrown.length);
  });

  test.each(thrown.map((error) => [error.code, error] as const))('%s speaks in sentences', (code, error) => {
    expect(error.extensions.code).toBe(code);
    expect(error.message).toMatch(/\.$/);
    expect(error).toBeInstanceOf(Error);
  });

  test('no credential, an unknown one and a bad one give one message', () => {
    expect(errors.unauthenticated().message).toBe(errors.unauthenticated().message);
    expect(errors.unauthenticated().toJSON()).toEqual(errors.unauthenticated().toJSON());
  });

  test('what clients rely on is in the extensions', () => {
    expect(errors.badUserInput({ a: ['x.'], b: ['y.', 'z.'] }).toJSON()).toEqual({
      message: 'a: x. b: y. z.',
      extensions: { code: 'BAD_USER_INPUT', fields: { a: ['x.'], b: ['y.', 'z.'] } },
    });
    expect(errors.rateLimited(7, 'login_account').extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 7 });
    const cost = { requested: 30, limit: 50, remaining: 20, resetsIn: 4 };
    expect(errors.budgetSpent(cost).extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 4, cost });
    expect(errors.conflict('Taken.', { email: ['is taken.'] }).extensions.fields).toEqual({ email: ['is taken.'] });
    const shortfall = { required: [['a', 'b']], granted: ['c'], missing: ['a', 'b'], coordinates: ['Query.x'] };
    expect(errors.insufficientAbilities(shortfall).extensions).toEqual({
      code: 'INSUFFICIENT_ABILITIES',
      ...shortfall,
    });
  });
});

describe('the head of an answer', () => {
  const head = (codes: ErrorCode[], outcome: 'partial' | 'failed' | 'refused', legacy = false) =>
    answerHead(
      codes.map((code) => new LatchkeyError('x', code, { retryAfter: 9 }).toJSON()),
      { outcome, legacy },
    );

  test.each<[ErrorCode[], 'partial' | 'failed' | 'refused', number, number]>([
    [['INTERNAL_SERVER_ERROR', 'FORBIDDEN'], 'failed', 500, 500],
    [['SERVICE_UNAVAILABLE', 'NOT_FOUND'], 'failed', 503, 503],
    [['RATE_LIMITED', 'UNAUTHENTICATED'], 'failed', 429, 429],
    [['UNAUTHENTICATED', 'FORBIDDEN'], 'failed', 401, 200],
    [['NOT_FOUND', 'FORBIDDEN'], 'failed', 403, 200],
    [['NOT_FOUND'], 'failed', 200, 200],
    [['BAD_USER_INPUT'], 'failed', 200, 200],
    [['BAD_USER_INPUT'], 'refused', 400, 200],
    [['CONFLICT'], 'failed', 409, 200],
    [['FORBIDDEN'], 'partial', 200, 200],
    [['INTERNAL_SERVER_ERROR'], 'partial', 200, 200],
  ])('%j, %s', (codes, outcome, status, legacyStatus) => {
    expect(head(codes, outcome).status).toBe(status);
    expect(head(codes, outcome, true).status).toBe(legacyStatus);
  });

  test('a code that is not ours is a failure of ours', () => {
    expect(statusOf({ message: 'x', extensions: { code: 'toString' } })).toBe(500);
    expect(statusOf({ message: 'x', extensions: { code: 'NOBODY_KNOWS' } })).toBe(500);
    expect(statusOf({ message: 'x' })).toBe(500);
  });

  test('waiting times are told', () => {
    expect(head(['RATE_LIMITED'], 'failed').headers['retry-after']).toBe('9');
    expect(Number(head(['SERVICE_UNAVAILABLE'], 'failed').headers['retry-after'])).toBeGreaterThan(0);
  });
});
