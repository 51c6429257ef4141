import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isNativeError } from 'node:util/types';
import type { FastifyInstance } from 'fastify';
import { type Config, ConfigError } from '../config.js';
import { unauthenticated } from '../errors.js';
import { evenOverloaded } from './overload.js';
import { send } from './refusal.js';

/** Metrics as a scraper reads them. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** `GET /metrics` beside the API, for whoever has the token. */
export function metricsEndpoint(app: FastifyInstance, exposition: Exposition, token: string): void {
  const allows = holding(token);
  app.get('/metrics', { logLevel: 'warn', config: evenOverloaded }, async (request, reply) => {
    if (!allows(request.raw)) {
      send(reply, unauthenticated(), 401);
      return reply;
    }
    return reply.type(exposition.contentType).send(await exposition.text());
  });
}

/** Listens at a port that has `GET /metrics` and nothing else; throws a {@link ConfigError} when it cannot. */
export async function listenForScrapers(
  exposition: Exposition,
  { host, port, token }: NonNullable<Config['metrics']> & { port: number },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const allows = token === null ? () => true : holding(token);
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, response, allows, exposition).catch(() => response.destroy());
  });
  server.maxConnections = 50;
  const { port: taken } = await listening(server, host, port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/metrics`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  allows: (request: IncomingMessage) => boolean,
  exposition: Exposition,
): Promise<void> {
  response.setHeader('cache-control', 'no-store').setHeader('x-content-type-options', 'nosniff');
  if (request.url?.split('?', 1)[0] !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(404).end();
  } else if (allows(request)) {
    response.setHeader('content-type', exposition.contentType).end(await exposition.text());
  } else {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  }
}

/** Whether a request brings the token; digests are compared, so that the time tells nothing, not even the length. */
function holding(token: string): (request: IncomingMessage) => boolean {
  const expected = digest(token);
  return ({ headersDistinct }) => {
    const [header = '', ...others] = headersDistinct.authorization ?? [];
    const [, given = ''] = /^bearer +([!-~]+)$/i.exec(header) ?? [];
    return timingSafeEqual(digest(given), expected) && others.length === 0;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server.address() as AddressInfo;
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
    throw new ConfigError(`The metrics cannot listen at METRICS_HOST ${host}, METRICS_PORT ${port} (${code}).`);
  }
}
