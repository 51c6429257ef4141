import type { GraphQLFormattedError } from 'graphql';
import { budgetWindowSeconds } from '../auth/budget.js';
import { type Cost, type ErrorCode, errorStatus } from '../errors.js';
import type { Outcome } from '../telemetry/metrics.js';

/** The media type of the GraphQL-over-HTTP draft, with statuses that mean what they say. */
export const mediaType = 'application/graphql-response+json';

/** The older one, under which most errors come with 200. */
export const legacyMediaType = 'application/json';

/** The HTTP side of an answer with errors. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Which status is given when several errors want different ones. */
const order = [500, 503, 429, 400, 401, 403, 409];

/**
 * Status and headers for a list of errors. Data beside them makes it a 200; so does `application/json`, but for 429 and 5xx.
 * `WWW-Authenticate` follows RFC 6750 section 3.
 */
export function answerHead(
  errors: readonly GraphQLFormattedError[],
  { outcome, legacy }: { outcome: Outcome; legacy: boolean },
): AnswerHead {
  const partial = outcome === 'partial';
  const statuses = new Set(errors.map((error) => statusOf(error, outcome)));
  const wanted = partial ? 200 : (order.find((status) => statuses.has(status)) ?? Math.max(200, ...statuses));
  const status = legacy && wanted !== 429 && wanted < 500 ? 200 : wanted;
  const headers: Record<string, string> = {};
  const limited = errors.find((error) => error.extensions?.code === 'RATE_LIMITED');
  if (limited !== undefined) {
    headers['retry-after'] = String(limited.extensions?.retryAfter);
    if (limited.extensions?.cost !== undefined) {
      Object.assign(headers, costHeaders(limited.extensions.cost as Cost));
    }
  }
  if (status === 503) {
    headers['retry-after'] = '1';
  }
  if (status === 401) {
    headers['www-authenticate'] = 'Bearer';
  }
  const short = errors.find((error) => error.extensions?.code === 'INSUFFICIENT_ABILITIES');
  if (status === 403 && short !== undefined) {
    const [scope = []] = (short.extensions?.required ?? []) as string[][];
    headers['www-authenticate'] = `Bearer error="insufficient_scope", scope="${scope.join(' ')}"`;
  }
  return { status, headers };
}

/** As draft-ietf-httpapi-ratelimit-headers-06 has them, the last version with a field for each number. */
export function costHeaders({ limit, remaining, resetsIn }: Cost): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetsIn),
    'ratelimit-policy': `${limit};w=${budgetWindowSeconds}`,
  };
}

/** Where the request did not even begin, so that there is no answer beside the error. */
const refusedStatus = { BAD_USER_INPUT: 400, NOT_FOUND: 404 } as const;

/**
 * The status of a code under {@link mediaType}; 500 for a code that is not ours. Bad input for which the request did not
 * even begin, such as a variable of the wrong type, is a bad request; so a token that is not there, to run as, is a 404.
 */
export function statusOf(error: GraphQLFormattedError, outcome: Outcome = 'refused'): number {
  const code = String(error.extensions?.code);
  if (outcome === 'refused' && Object.hasOwn(refusedStatus, code)) {
    return refusedStatus[code as keyof typeof refusedStatus];
  }
  return Object.hasOwn(errorStatus, code) ? errorStatus[code as ErrorCode] : 500;
}
