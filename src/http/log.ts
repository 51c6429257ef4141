import { isNativeError } from 'node:util/types';
import type { FastifyServerOptions } from 'fastify';
import type { DestinationStream } from 'pino';
import { clientAddress } from './client-address.js';

/** Where lines of the log go. */
export type LogDestination = DestinationStream;

/**
 * A line of JSON an event, on standard output unless told otherwise. Headers, bodies, queries and variables never get
 * here; redaction is the second net.
 */
export function logOptions(level: string, destination?: LogDestination): FastifyServerOptions['logger'] {
  if (level === 'silent') {
    return false;
  }
  return {
    level,
    ...(destination === undefined ? {} : { stream: destination }),
    redact: [
      'authorization',
      'cookie',
      '*.authorization',
      '*.cookie',
      '*["set-cookie"]',
      '*.password',
      '*.token',
      '*.plainTextToken',
      '*.secret',
      '*.variables',
    ],
    serializers: {
      req: (request) => ({
        method: request.method,
        path: request.url?.split('?', 1)[0],
        ip: clientAddress(request),
      }),
      res: (reply) => ({ status: reply.statusCode }),
      err: describe,
    },
  };
}

/** Messages of the database driver hold statements with their values, so only their code is kept. */
function describe(error: unknown): { type: string; message: string; code?: string; stack: string } {
  if (!isNativeError(error)) {
    return { type: typeof error, message: 'thrown, but not an Error', stack: '' };
  }
  const code = 'code' in error ? String(error.code) : undefined;
  const fromDriver = 'sqlMessage' in error || 'severity' in error || error.constructor.name.endsWith('Exception');
  return {
    type: error.constructor.name,
    message: fromDriver ? 'a statement failed' : error.message,
    code,
    stack: (error.stack ?? '')
      .split('\n')
      .filter((frame) => frame.startsWith('    at '))
      .join('\n'),
  };
}
