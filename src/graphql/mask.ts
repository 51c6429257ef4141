import { unwrapResolverError } from '@apollo/server/errors';
import { ForeignKeyConstraintViolationException } from '@mikro-orm/core';
import { GraphQLError } from 'graphql';
import { isDatabaseUnavailable } from '../database/failure.js';
import { conflict, internalError, LatchkeyError, serviceUnavailable } from '../errors.js';

/** Codes that Apollo Server gives to requests that never reach a resolver. */
const refusals = new Set<string>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** What an error becomes for the client, and the cause to log when the client is not told. */
export interface Masked {
  readonly error: GraphQLError;
  readonly cause: unknown;
}

/** Lets errors through that were written for clients; everything else keeps only its place. */
export function mask(error: unknown): Masked {
  const cause = unwrapResolverError(error);
  if (cause instanceof LatchkeyError) {
    return { error: placed(cause, error), cause: null };
  }
  if (isDatabaseUnavailable(cause)) {
    return { error: placed(serviceUnavailable(), error), cause };
  }
  if (cause instanceof ForeignKeyConstraintViolationException) {
    return { error: placed(conflict('A record that this one belongs to has gone in the meantime.'), error), cause };
  }
  if (error instanceof GraphQLError && refusals.has(String(error.extensions.code))) {
    const reason = error.originalError instanceof LatchkeyError ? error.originalError : undefined;
    return { error: withoutValues(error, reason), cause: null };
  }
  return { error: placed(internalError(), error), cause };
}

function placed(error: GraphQLError, at: unknown): GraphQLError {
  const place = at instanceof GraphQLError ? at : undefined;
  // What Apollo keeps in `http` is for its own use.
  const { http: _http, ...extensions } = error.extensions;
  return new GraphQLError(error.message, {
    nodes: place?.nodes,
    source: place?.source,
    positions: place?.positions,
    path: place?.path,
    extensions,
  });
}

/** graphql-js repeats the values of variables and literals in its messages, and a value may be a password. */
function withoutValues(error: GraphQLError, reason: LatchkeyError | undefined): GraphQLError {
  const match = /^Variable "\$([_A-Za-z][_0-9A-Za-z]*)"/.exec(error.message);
  if (match === null) {
    return placed(reason ?? withoutLiteral(error), error);
  }
  const name = match[1] ?? '';
  const problem = reason?.message ?? 'has a value of the wrong type.';
  return new GraphQLError(`Variable "$${name}": ${problem}`, {
    nodes: error.nodes,
    extensions: { code: 'BAD_USER_INPUT', fields: { [name]: [problem] } },
  });
}

function withoutLiteral(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/^([^:]* cannot represent [^:]*): .*$/s, '$1.').replace(/, found .*$/s, '.');
  return new GraphQLError(message, { extensions: error.extensions });
}
