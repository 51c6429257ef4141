import { GraphQLError } from 'graphql';
import type { AuthenticationFailure, RateLimit, Reason } from './telemetry/reasons.js';

/** Every code that an answer of this server may carry, with the HTTP status that `application/graphql-response+json` gives it. */
export const errorStatus = {
  UNAUTHENTICATED: 401,
  INSUFFICIENT_ABILITIES: 403,
  FORBIDDEN: 403,
  SESSION_REQUIRED: 403,
  API_DISABLED: 403,
  CSRF_REFUSED: 403,
  NOT_FOUND: 200,
  BAD_USER_INPUT: 200,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
  BAD_REQUEST: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  OPERATION_RESOLUTION_FAILURE: 400,
  TOKEN_LIMIT: 400,
  FRAGMENT_LIMIT: 400,
  DIRECTIVE_LIMIT: 400,
  DEPTH_LIMIT: 400,
  ALIAS_LIMIT: 400,
  ROOT_FIELD_LIMIT: 400,
  SELECTION_LIMIT: 400,
  SENSITIVE_MUTATION_LIMIT: 400,
  COST_LIMIT: 400,
  ANSWER_TOO_LONG: 400,
  NOT_ACCEPTABLE: 406,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  REQUEST_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
  PERSISTED_QUERY_NOT_SUPPORTED: 400,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** An error that was meant for the client; everything else is masked before it leaves. */
export class LatchkeyError extends GraphQLError {
  constructor(
    message: string,
    readonly code: ErrorCode,
    extensions: Record<string, unknown> = {},
    /** For metrics and the log; no client is told. */
    readonly reason: Reason | null = null,
  ) {
    // It is an answer and no fault: nobody reads its stack, which takes longer to write than all the rest of a refusal.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { extensions: { code, ...extensions } });
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** The error to throw for a refusal. */
  static of(refusal: Refusal): LatchkeyError {
    const { message, code, extensions } = refusal;
    return refusal instanceof LatchkeyError ? refusal : new LatchkeyError(message, code, extensions);
  }
}

/** What an error tells the client, while nobody has to throw it. */
export type Refusal = Pick<LatchkeyError, 'code' | 'message' | 'extensions'>;

/** What an `INSUFFICIENT_ABILITIES` answer tells, so that a client can ask for the right token once. */
export interface AbilityShortfall {
  /** Alternatives; any one of these sets of abilities would do for the whole document. */
  required: string[][];
  /** What the token was granted, in its own words. */
  granted: string[];
  /** Every ability that the document needs and the token lacks. */
  missing: string[];
  /** The schema coordinates that were refused. */
  coordinates: string[];
  /** The path of the console's form where the owner of the token can add what is missing. */
  fix?: string;
}

/** What an operation costs and how the budget of its principal stands: points, and seconds until it is whole again. */
export interface Cost {
  readonly requested: number;
  readonly limit: number;
  readonly remaining: number;
  readonly resetsIn: number;
}

/** One message for every way in which a credential can be absent or bad, so that it tells an attacker nothing. */
export function unauthenticated(reason: AuthenticationFailure | null = null): LatchkeyError {
  return new LatchkeyError(
    'This request needs a valid credential: a session, or a bearer token.',
    'UNAUTHENTICATED',
    {},
    reason,
  );
}

/** One message for an unknown e-mail and a wrong password. */
export function wrongCredentials(reason: AuthenticationFailure): LatchkeyError {
  return new LatchkeyError('These credentials do not match our records.', 'UNAUTHENTICATED', {}, reason);
}

export function insufficientAbilities(shortfall: AbilityShortfall): Refusal {
  const abilities = shortfall.missing.map((name) => `\`${name}\``).join(', ');
  const code = 'INSUFFICIENT_ABILITIES';
  return {
    code,
    message: `This token lacks ${abilities} for ${shortfall.coordinates.join(', ')}.`,
    extensions: { code, ...shortfall },
  };
}

export function forbidden(message = 'You may see this, but you may not do that with it.'): LatchkeyError {
  return new LatchkeyError(message, 'FORBIDDEN');
}

export function sessionRequired(): LatchkeyError {
  return new LatchkeyError('Only a first-party session may do this; a token may not.', 'SESSION_REQUIRED');
}

export function apiDisabled(): LatchkeyError {
  return new LatchkeyError('The API for tokens is switched off. An administrator can switch it on.', 'API_DISABLED');
}

export function csrfRefused(): LatchkeyError {
  return new LatchkeyError(
    'The request does not show that it comes from a page of this server: send `Sec-Fetch-Site: same-origin` or `none`, or an `Origin` that is on the allow-list.',
    'CSRF_REFUSED',
  );
}

/** Missing and not visible look the same. */
export function notFound(): LatchkeyError {
  return new LatchkeyError('There is no such record, or you may not see it.', 'NOT_FOUND');
}

/** `fields` is keyed by argument name. */
export function badUserInput(
  fields: Record<string, string[]>,
  reason: AuthenticationFailure | null = null,
): LatchkeyError {
  const message = Object.entries(fields)
    .map(([name, problems]) => `${name}: ${problems.join(' ')}`)
    .join(' ');
  return new LatchkeyError(message, 'BAD_USER_INPUT', { fields }, reason);
}

export function conflict(message: string, fields?: Record<string, string[]>): LatchkeyError {
  return new LatchkeyError(message, 'CONFLICT', fields ? { fields } : {});
}

export type LimitCode = Extract<ErrorCode, `${string}_LIMIT`>;

/** What the limits count. */
const counted: Record<LimitCode, string> = {
  TOKEN_LIMIT: 'tokens or more',
  FRAGMENT_LIMIT: 'fragments',
  DIRECTIVE_LIMIT: 'directives',
  DEPTH_LIMIT: 'levels',
  ALIAS_LIMIT: 'aliases',
  ROOT_FIELD_LIMIT: 'root fields',
  SELECTION_LIMIT: 'selections, with those of its fragments wherever they are spread',
  SENSITIVE_MUTATION_LIMIT: 'selections of a field that a request may select once',
  COST_LIMIT: 'points of cost',
};

/** A document that asks for more than is allowed; `coordinate` is the field that it asks for too often. */
export function limitExceeded(code: LimitCode, limit: number, value: number, coordinate?: string): LatchkeyError {
  const what = coordinate === undefined ? counted[code] : `selections of ${coordinate}`;
  return new LatchkeyError(`The document has ${value} ${what}; the limit is ${limit}.`, code, {
    limit,
    value,
    ...(coordinate === undefined ? {} : { coordinate }),
  });
}

/** The document ran, and its answer is not sent. */
export function answerTooLong(limit: number): LatchkeyError {
  return new LatchkeyError(`The answer would have more than ${limit} characters.`, 'ANSWER_TOO_LONG', { limit });
}

/** `retryAfter` is in whole seconds. */
export function rateLimited(retryAfter: number, limit: RateLimit): LatchkeyError {
  return new LatchkeyError(`Too many attempts. Try again in ${retryAfter} s.`, 'RATE_LIMITED', { retryAfter }, limit);
}

/** `cost` is what every answer tells of the budget. */
export function budgetSpent(cost: Cost): LatchkeyError {
  const { requested, limit, remaining } = cost;
  const retryAfter = Math.max(1, cost.resetsIn);
  return new LatchkeyError(
    `This costs ${requested} of ${limit} points a minute, and ${remaining} are left. Try again in ${retryAfter} s.`,
    'RATE_LIMITED',
    { retryAfter, cost },
    'budget',
  );
}

export function serviceUnavailable(limit: RateLimit | null = null): LatchkeyError {
  return new LatchkeyError(
    'The service is not available at the moment. Try again shortly.',
    'SERVICE_UNAVAILABLE',
    {},
    limit,
  );
}

/** The answer also carries the request id under which the log says what really happened. */
export function internalError(): LatchkeyError {
  return new LatchkeyError('Something went wrong on our side.', 'INTERNAL_SERVER_ERROR');
}
