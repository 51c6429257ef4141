import { hashSecret, parseToken, sameHash } from '../dist/src/auth/token-text.js';

export { sameHash };

/**
 * What a request proves itself with, for the servers that Latchkey is compared to. They share its database, and
 * therefore its format of tokens and cookies; how they look a credential up is their own affair.
 */
export function readCredential(headers) {
  const { authorization, cookie } = headers;
  if (authorization?.startsWith('Bearer ')) {
    const token = parseToken('lk', authorization.slice(7));
    return token === null ? null : { kind: 'token', id: token.id, hash: hashSecret(token.secret) };
  }
  const session = /(?:^|; )__Host-latchkey=([\w-]{43})(?:;|$)/.exec(cookie ?? '')?.[1];
  return session === undefined ? null : { kind: 'session', hash: hashSecret(session) };
}
