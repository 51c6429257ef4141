import type { FastifyRequest } from 'fastify';
import type { RequestFacts } from '../auth/authenticate.js';
import type { Config } from '../config.js';
import { isTrustedOrigin } from './origin.js';
import { readSessionCookie } from './session-cookie.js';

/** Reads off a request what authentication and the access rules want to know. */
export function readFacts(config: Config, request: FastifyRequest): RequestFacts {
  const { headers, socket } = request.raw;
  return {
    id: request.id,
    ip: request.ip,
    userAgent: headers['user-agent'] ?? null,
    authorization: authorizationHeaders(request.raw.rawHeaders),
    sessionSecret: readSessionCookie(config, request),
    strayToken: hasStrayToken(config, request),
    trustedOrigin: isTrustedOrigin(config, {
      origin: headers.origin,
      secFetchSite: single(headers['sec-fetch-site']),
      localPort: socket.localPort,
    }),
  };
}

/** Node keeps only the first of several `Authorization` headers, so they are read from what was sent. */
function authorizationHeaders(raw: readonly string[]): string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'authorization');
}

/** A token in an address ends up in logs and histories, and one in a cookie is sent by forged requests too. */
function hasStrayToken(config: Config, request: FastifyRequest): boolean {
  const query = new URLSearchParams(request.raw.url?.split('?', 2)[1] ?? '');
  const head = `${config.tokenPrefix}_`;
  return (
    query.has('access_token') ||
    [...query.values()].some((value) => value.startsWith(head)) ||
    Object.values(request.cookies).some((value) => value?.startsWith(head))
  );
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
