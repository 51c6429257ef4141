import type { CombinedError } from '@urql/core';
import type { ErrorCode } from '../../../src/errors.js';

/** Why an operation did not do what it was asked for, in words for people. */
export interface Failure {
  readonly code: ErrorCode | 'CONNECTION_LOST';
  readonly sentence: string;
  /** By the name of the argument; a sentence for each field of the form. */
  readonly fields: Readonly<Record<string, string>>;
  /** When to try again, in milliseconds since 1970; null when there is nothing to wait for. */
  readonly waitUntil: number | null;
  /** Under which the server's log has more; null when it has not. */
  readonly requestId: string | null;
  /** Everything else that the server said about it, such as `missing`. */
  readonly details: Readonly<Record<string, unknown>>;
}

const ours = 'This page and the server do not understand each other. Reload the page.';

/** What a sign-in says that did not match; like the server, it does not tell which of the two is wrong. */
export const wrongCredentials = 'The e-mail address or the password is wrong.';

/** In place of "attempts", which a page that has only been read did not make. */
const budgetSpent = 'You have asked for more than one minute has.';

/** What each code means to somebody in front of this page; null where the server's own sentence is made for people. */
const sentences: Readonly<Record<ErrorCode, string | null>> = {
  UNAUTHENTICATED: 'You are signed out. Sign in to go on.',
  INSUFFICIENT_ABILITIES: null,
  FORBIDDEN: null,
  SESSION_REQUIRED: 'This needs a browser that is signed in.',
  API_DISABLED: 'The API for tokens is switched off. An administrator can switch it on.',
  CSRF_REFUSED:
    'The server does not accept requests from this address. Open the console at the address that APP_URL names.',
  NOT_FOUND: 'This does not exist, or you may not see it.',
  BAD_USER_INPUT: 'Some of this cannot be used as it is.',
  CONFLICT: null,
  RATE_LIMITED: 'Too many attempts.',
  SERVICE_UNAVAILABLE: 'The server is not available at the moment. Try again shortly.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on the server.',
  BAD_REQUEST: ours,
  GRAPHQL_PARSE_FAILED: ours,
  GRAPHQL_VALIDATION_FAILED: ours,
  OPERATION_RESOLUTION_FAILURE: ours,
  TOKEN_LIMIT: null,
  FRAGMENT_LIMIT: null,
  DIRECTIVE_LIMIT: null,
  DEPTH_LIMIT: null,
  ALIAS_LIMIT: null,
  ROOT_FIELD_LIMIT: null,
  SELECTION_LIMIT: null,
  SENSITIVE_MUTATION_LIMIT: null,
  COST_LIMIT: null,
  ANSWER_TOO_LONG: null,
  NOT_ACCEPTABLE: ours,
  METHOD_NOT_ALLOWED: ours,
  PAYLOAD_TOO_LARGE: 'This is more than the server takes at once. Shorten it.',
  UNSUPPORTED_MEDIA_TYPE: ours,
  REQUEST_TIMEOUT: 'The request took too long to arrive. Try again.',
  HEADERS_TOO_LARGE: 'The browser sends too many cookies to this server. Delete those of this site and sign in again.',
  PERSISTED_QUERY_NOT_SUPPORTED: ours,
};

/** The one place where an error of the server becomes a sentence. */
export function failureOf(error: CombinedError | undefined): Failure {
  const first = error?.graphQLErrors[0];
  const extensions = first?.extensions ?? {};
  const code = codeOf(extensions.code);
  if (first === undefined || code === null) {
    return {
      code: first === undefined ? 'CONNECTION_LOST' : 'INTERNAL_SERVER_ERROR',
      sentence: first === undefined ? 'The server cannot be reached.' : ours,
      fields: {},
      waitUntil: null,
      requestId: null,
      details: {},
    };
  }
  const { retryAfter, requestId } = extensions;
  return {
    code,
    sentence: code === 'RATE_LIMITED' && 'cost' in extensions ? budgetSpent : (sentences[code] ?? first.message),
    fields: fieldsOf(extensions.fields),
    waitUntil: typeof retryAfter === 'number' ? Date.now() + retryAfter * 1_000 : null,
    requestId: typeof requestId === 'string' ? requestId : null,
    details: extensions,
  };
}

function codeOf(code: unknown): ErrorCode | null {
  return typeof code === 'string' && code in sentences ? (code as ErrorCode) : null;
}

/** The server writes its sentences to follow the name of the argument; beside a field they stand alone. */
function fieldsOf(fields: unknown): Record<string, string> {
  if (typeof fields !== 'object' || fields === null) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, problems]) => [name, [problems].flat().map(asSentence).join(' ')]),
  );
}

function asSentence(problem: unknown): string {
  const text = String(problem);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
