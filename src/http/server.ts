import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { ApolloServer } from '@apollo/server';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { LatchkeyError } from '../errors.js';
import type { Context, Services } from '../graphql/context.js';
import { consoleEndpoints } from './console.js';
import { countAnswers } from './count.js';
import { drainConnections } from './drain.js';
import { sent } from './facts.js';
import { graphqlEndpoint } from './graphql-endpoint.js';
import { healthEndpoints } from './health.js';
import { type LogDestination, logOptions } from './log.js';
import { isAllowedOrigin } from './origin.js';
import { refuseUnderOverload } from './overload.js';
import { refuse, refuseConnection, send } from './refusal.js';
import { scopeRequests, traceRequests } from './scope.js';
import { securityHeaders } from './security-headers.js';

/** Builds the HTTP server; `isDraining` turns `/readyz` off while the process shuts down. */
export async function createHttpServer(
  apollo: ApolloServer<Context>,
  services: Services,
  isDraining: () => boolean,
  logTo?: LogDestination,
): Promise<FastifyInstance> {
  const { config } = services;
  const headers = securityHeaders(config);
  const describe = (request: FastifyRequest, reply: FastifyReply) =>
    reply.headers(headers).header('x-request-id', request.id);
  const refuseBytes = refuseConnection(headers);
  const app = fastify({
    logger: logOptions(config.logLevel, logTo),
    genReqId: () => randomUUID(),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: 100_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 5_000,
    connectionTimeout: 0,
    maxRequestsPerSocket: 1_000,
    forceCloseConnections: 'idle',
    // Fastify would answer in a form of its own; what still arrives is served, and its connection closed.
    return503OnClosing: false,
    http: {
      headersTimeout: 6_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      // Node would refuse one without in a form of its own.
      requireHostHeader: false,
    },
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => refuse(error, request, describe(request, reply)),
    clientErrorHandler: (error, socket) => {
      if ('code' in error && error.code !== 'ECONNRESET') {
        services.metrics.connectionRefused();
      }
      refuseBytes(error, socket);
    },
  });
  countAnswers(app, services.metrics);
  traceRequests(app, services.traces);
  readJsonOnly(app);
  ignoreExpectations(app);
  drainConnections(app, config.drainMs > 0);
  app.setErrorHandler((error: Error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler((_request, reply) => {
    send(reply, new LatchkeyError('There is nothing at this address.', 'NOT_FOUND'), 404);
  });
  app.addHook('onRequest', async (request, reply) => {
    describe(request, reply);
    requireOneHost(request, reply);
  });
  await refuseUnderOverload(app, config.overload);
  scopeRequests(app);
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining() && !app.server.listening) {
      reply.header('connection', 'close');
    }
  });
  await app.register(cors, {
    delegator: async (request: FastifyRequest) => ({
      origin:
        request.headers.origin !== undefined &&
        isAllowedOrigin(config, request.headers.origin, request.raw.socket.localPort)
          ? request.headers.origin
          : false,
      credentials: true,
      methods: ['POST'],
      allowedHeaders: ['content-type', 'authorization'],
      exposedHeaders: [
        'x-request-id',
        'retry-after',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
        'ratelimit-policy',
        'www-authenticate',
        'x-token-abilities',
        'x-token-expires-at',
        'x-required-abilities',
      ],
      maxAge: 600,
      strictPreflight: false,
    }),
  });
  await app.register(cookie);
  graphqlEndpoint(app, apollo, services);
  healthEndpoints(app, services.em, isDraining);
  await consoleEndpoints(app, config);
  return app;
}

/** JSON is UTF-8 (RFC 8259 section 8.1); other bytes would be replaced silently, so they are refused. */
function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) {
      done(Object.assign(new Error('The body is not UTF-8.'), { statusCode: 400 }));
      return;
    }
    void parse(request, body.toString('utf8'), done);
  });
}

/** Of several, whoever stands in front may have served another than Node takes (RFC 9112 section 3.2). */
function requireOneHost(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  const hosts = sent(raw.rawHeaders, 'host').length;
  if (hosts === 0 && raw.httpVersion === '1.0') {
    // That version knows none.
    raw.headers.host = 'localhost';
  } else if (hosts !== 1 || !URL.canParse(`http://${request.hostname}/`)) {
    reply.header('connection', 'close');
    throw new LatchkeyError('The request names no host, several, or one that cannot be.', 'BAD_REQUEST');
  }
}

/** Other expectations than `100-continue` may be ignored (RFC 9110 section 10.1.1); Node would refuse them in a form of its own. */
function ignoreExpectations({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
