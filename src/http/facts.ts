import type { FastifyRequest } from 'fastify';
import type { RequestFacts } from '../auth/authenticate.js';
import type { Config } from '../config.js';
import { clientAddress } from './client-address.js';
import { isTrustedOrigin } from './origin.js';
import { readSessionCookie, sessionCookieName } from './session-cookie.js';

/** Reads off a request what authentication and the access rules want to know. */
export function readFacts(config: Config, request: FastifyRequest): RequestFacts {
  const { headers, socket } = request.raw;
  const sessionSecret = readSessionCookie(config, request);
  return {
    id: request.id,
    ip: clientAddress(request),
    userAgent: headers['user-agent'] ?? null,
    authorization: sent(request.raw.rawHeaders, 'authorization'),
    sessionSecret,
    runAs: headers['x-run-as'] === undefined ? none : sent(request.raw.rawHeaders, 'x-run-as'),
    strayToken: hasStrayToken(config, request, sessionSecret),
    trustedOrigin: isTrustedOrigin(config, {
      origin: headers.origin,
      secFetchSite: single(headers['sec-fetch-site']),
      localPort: socket.localPort,
    }),
  };
}

const none: readonly string[] = [];

/**
 * The values of every header of a name, which is in lower case: of several `Authorization` or `Content-Type` Node keeps
 * only the first, and it joins others into one.
 */
export function sent(raw: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const given = raw[index];
    if (given?.length === name.length && given.toLowerCase() === name) {
      values.push(raw[index + 1] ?? '');
    }
  }
  return values;
}

/**
 * A token in an address ends up in logs and histories, and one in a cookie is sent by forged requests too. The secret of a
 * session is random, so it may begin like a token.
 */
function hasStrayToken(config: Config, request: FastifyRequest, sessionSecret: string | null): boolean {
  const head = `${config.tokenPrefix}_`;
  return (
    hasTokenInQuery(request.raw.url ?? '', head) ||
    Object.entries(request.cookies).some(
      ([name, value]) => value?.startsWith(head) && (sessionSecret === null || name !== sessionCookieName(config)),
    )
  );
}

function hasTokenInQuery(url: string, head: string): boolean {
  const at = url.indexOf('?');
  if (at === -1) {
    return false;
  }
  const query = new URLSearchParams(url.slice(at));
  return query.has('access_token') || [...query.values()].some((value) => value.startsWith(head));
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
