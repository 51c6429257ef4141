import { isNativeError } from 'node:util/types';
import { ConnectionException } from '@mikro-orm/postgresql';

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
const phrases = [
  'Connection terminated',
  'is not queryable',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Transaction query already complete',
  'driver has already been destroyed',
];

/**
 * Whether an error says that the database is away, or has given up what was right, rather than that a statement was wrong.
 * SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention, which includes `statement_timeout`);
 * 25006, a write to a database that takes none, such as a standby before it is promoted; and 40001 and 40P01, with which
 * one of two transactions that collide is rolled back:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; isNativeError(current) && depth < 5; depth += 1) {
    const code = 'code' in current ? String(current.code) : '';
    if (
      current instanceof ConnectionException ||
      unreachable.has(code) ||
      /^((08|53|57)[0-9A-Z]{3}|25006|40001|40P01)$/.test(code) ||
      phrases.some((phrase) => (current as Error).message.includes(phrase))
    ) {
      return true;
    }
    current = inner(current);
  }
  return false;
}

/** What an error wraps; graphql-js keeps an error of another realm, which it does not know as one, in `thrownValue`. */
function inner(error: Error & { errors?: unknown; thrownValue?: unknown }): unknown {
  return Array.isArray(error.errors) ? error.errors[0] : (error.cause ?? error.thrownValue);
}
