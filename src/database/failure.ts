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
  'connection error and is not queryable',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Transaction query already complete',
  'driver has already been destroyed',
];

/**
 * Whether an error says that the database is away rather than that a statement was wrong.
 * SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention, which includes `statement_timeout`):
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const code = 'code' in current ? String(current.code) : '';
    if (
      current instanceof ConnectionException ||
      unreachable.has(code) ||
      /^(08|53|57)[0-9A-Z]{3}$/.test(code) ||
      phrases.some((phrase) => (current as Error).message.includes(phrase))
    ) {
      return true;
    }
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return false;
}
