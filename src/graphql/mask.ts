import { unwrapResolverError } from '@apollo/server/errors';
import { ForeignKeyConstraintViolationException } from '@mikro-orm/core';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { tokenLimit } from '../access/document.js';
import { isDatabaseUnavailable } from '../database/failure.js';
import { conflict, internalError, LatchkeyError, serviceUnavailable } from '../errors.js';
import type { Reason } from '../telemetry/reasons.js';

/** Codes that Apollo Server gives to requests that never reach a resolver. */
const refusals = new Set<string>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** An error as the client gets it. */
export type ErrorAnswer = Omit<GraphQLFormattedError, 'extensions'> & { readonly extensions: Record<string, unknown> };

/** What an error becomes for the client, and the cause to log when the client is not told. */
export interface Masked {
  readonly answer: ErrorAnswer;
  readonly cause: unknown;
  /** What the refusal keeps from its client. */
  readonly reason: Reason | null;
}

/** Lets errors through that were written for clients; everything else keeps only its place. */
export function mask(error: unknown): Masked {
  const cause = unwrapResolverError(error);
  if (cause instanceof LatchkeyError) {
    return { answer: placed(cause, error), cause: null, reason: cause.reason };
  }
  if (isDatabaseUnavailable(cause)) {
    return { answer: placed(serviceUnavailable(), error), cause, reason: null };
  }
  if (cause instanceof ForeignKeyConstraintViolationException) {
    const gone = conflict('A record that this one belongs to has gone in the meantime.');
    return { answer: placed(gone, error), cause, reason: null };
  }
  // With a path it was thrown while the document ran, where only errors of ours were written for clients.
  if (error instanceof GraphQLError && error.path === undefined && refusals.has(String(error.extensions.code))) {
    const reason = error.originalError instanceof LatchkeyError ? error.originalError : tokenLimit(error);
    return { answer: withoutValues(error, reason), cause: null, reason: null };
  }
  return { answer: placed(internalError(), error), cause, reason: null };
}

/** What `toJSON` of an error at that place would give, without another error and its stack. */
function placed({ message, extensions: all }: GraphQLError, at: unknown): ErrorAnswer {
  const { locations, path } = at instanceof GraphQLError ? at : {};
  // What Apollo keeps in `http` is for its own use.
  const { http: _http, ...extensions } = all;
  return { message, ...(locations && { locations }), ...(path && { path }), extensions };
}

/** graphql-js repeats the values of variables and literals in its messages, and a value may be a password. */
function withoutValues(error: GraphQLError, reason: LatchkeyError | null): ErrorAnswer {
  const match = /^Variable "\$([_A-Za-z][_0-9A-Za-z]*)"/.exec(error.message);
  if (match === null) {
    return placed(reason ?? withoutLiteral(error), error);
  }
  const name = match[1] ?? '';
  const problem = reason?.message ?? 'has a value of the wrong type.';
  const { locations } = error;
  return {
    message: `Variable "$${name}": ${problem}`,
    ...(locations && { locations }),
    extensions: { code: 'BAD_USER_INPUT', fields: { [name]: [problem] } },
  };
}

function withoutLiteral(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/^([^:]* cannot represent [^:]*): .*$/s, '$1.').replace(/, found .*$/s, '.');
  return new GraphQLError(message, { extensions: error.extensions });
}
