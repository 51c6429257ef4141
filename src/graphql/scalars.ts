import { GraphQLScalarType, Kind } from 'graphql';
import { LatchkeyError } from '../errors.js';

const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with an offset; answers are in UTC with milliseconds. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment as RFC 3339 writes it, such as `2026-01-31T09:30:00.000Z`. Answers are in UTC.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    return date.toISOString();
  },
  parseValue: parse,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING) {
      throw wrong();
    }
    return parse(node.value);
  },
});

function parse(value: unknown): Date {
  const match = typeof value === 'string' ? pattern.exec(value) : null;
  if (match === null) {
    throw wrong();
  }
  const date = new Date(match[0]);
  const day = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  // JavaScript rolls 31 February over into March and the hour 24 into the next day; RFC 3339 knows neither.
  if (Number.isNaN(date.getTime()) || day.getUTCMonth() !== Number(match[2]) - 1 || match[4] === '24') {
    throw wrong();
  }
  return date;
}

function wrong(): LatchkeyError {
  return new LatchkeyError('DateTime must be a moment with an offset, such as 2026-01-31T09:30:00Z.', 'BAD_USER_INPUT');
}
