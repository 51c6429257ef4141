import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';

/** The prefix makes browsers refuse the cookie unless it is Secure, for this host only and for every path. */
export function sessionCookieName(config: Config): string {
  return config.session.secure ? '__Host-latchkey' : 'latchkey';
}

/** The value of the session cookie, or null. */
export function readSessionCookie(config: Config, request: FastifyRequest): string | null {
  const value = request.cookies[sessionCookieName(config)];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
}

/** Sets the cookie, or clears it when `secret` is null. */
export function writeSessionCookie(config: Config, reply: FastifyReply, secret: string | null): void {
  const options: CookieSerializeOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: config.session.secure,
  };
  // A document may sign in and out several times; only the last word counts.
  reply.removeHeader('set-cookie');
  if (secret === null) {
    reply.clearCookie(sessionCookieName(config), options);
    // Not `"storage"` too: the console forgets what was the user's own, and keeps what belongs to the machine.
    reply.header('clear-site-data', '"cache"');
  } else {
    reply.setCookie(sessionCookieName(config), secret, { ...options, maxAge: config.session.lifetimeMs / 1000 });
  }
}
