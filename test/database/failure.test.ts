import { describe, expect, test } from '@jest/globals';
import { ConnectionException, DriverException, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { isDatabaseUnavailable } from '../../src/database/failure.js';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('R1, R9 the database is away', () => {
  test.each<[string, unknown]>([
    ['nobody listens', withCode('ECONNREFUSED')],
    ['the connection was reset', withCode('ECONNRESET')],
    ['the host has no address', withCode('ENOTFOUND')],
    ['nobody answers', withCode('ETIMEDOUT')],
    ['the administrator ends it', withCode('57P01')],
    ['it starts up', withCode('57P03')],
    ['a statement took too long', withCode('57014')],
    ['it takes no more connections', withCode('53300')],
    ['it takes no writes', withCode('25006')],
    ['transactions cannot be put in an order', withCode('40001')],
    ['transactions wait for each other', withCode('40P01')],
    ['the connection broke', withCode('08006')],
    ['the driver gave up reading', new Error('Query read timeout')],
    ['the driver ended the connection', new Error('Client was closed and is not queryable')],
    ['the connection had ended', new Error('Client has encountered a connection error and is not queryable')],
    ['the pool gave up waiting', new Error('timeout exceeded when trying to connect')],
    ['the connection ended', new Error('Connection terminated unexpectedly')],
    ['the pool is closed', new Error('driver has already been destroyed')],
    ['the driver says so', new ConnectionException(new Error('x'))],
    [
      'it is the cause of something else',
      new Error('x', { cause: new Error('y', { cause: withCode('ECONNREFUSED') }) }),
    ],
    ['every address failed', new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')])],
    ['GraphQL took the error for none', Object.assign(new Error('x'), { thrownValue: withCode('ECONNREFUSED') })],
  ])('when %s', (_name, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });
});

describe('the database is there', () => {
  const circular = new Error('x');
  circular.cause = circular;

  test.each<[string, unknown]>([
    ['a value is taken', new UniqueConstraintViolationException(withCode('23505'))],
    ['a table is missing', withCode('42P01')],
    ['a value is ill-formed', withCode('22P02')],
    ['a write would break a key', withCode('23503')],
    ['a driver error has no code', new DriverException(new Error('x'))],
    ['the error is none', { code: 'ECONNREFUSED' }],
    ['there is nothing', undefined],
    ['there is a text', 'ECONNREFUSED'],
    ['the error is its own cause', circular],
    ['a value only looks like it', new Error('the title says 57P01')],
  ])('when %s', (_name, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
