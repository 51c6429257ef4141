import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { csrfRefused, LatchkeyError } from '../errors.js';
import { legacyMediaType, mediaType } from '../graphql/answer-head.js';
import { buildContext, type Context, type Services } from '../graphql/context.js';
import { type Metrics, noMetrics } from '../telemetry/metrics.js';
import { leadToPlayground } from './console.js';
import { readFacts, sent } from './facts.js';
import { send } from './refusal.js';
import { writeSessionCookie } from './session-cookie.js';

const contextKey = Symbol('context');

declare module 'fastify' {
  interface FastifyRequest {
    [contextKey]: Context | null;
  }
}

/** `POST /graphql`: media types, origin, credential, and then Apollo. */
export function graphqlEndpoint(app: FastifyInstance, apollo: ApolloServer<Context>, services: Services): void {
  // On the request and not in a WeakMap: the young generation's collector keeps what the entries of an old map hold.
  app.decorateRequest(contextKey, null);
  const execute = fastifyApolloHandler(apollo, {
    context: async (request) => {
      const context = request[contextKey];
      if (context === null) {
        throw new Error('The request reached Apollo without a context.');
      }
      return context;
    },
  });

  app.route({
    method: 'POST',
    url: '/graphql',
    onRequest: async (request) => {
      negotiate(request);
      requirePlainJson(request);
    },
    preHandler: async (request, reply) => {
      const facts = readFacts(services.config, request);
      // A cookie is sent by forged requests too; a bearer never is.
      const byCookie = facts.sessionSecret !== null && facts.authorization.length === 0 && !facts.strayToken;
      if (byCookie && !facts.trustedOrigin) {
        throw csrfRefused();
      }
      const context = await buildContext(services, facts, request.log, (secret) =>
        writeSessionCookie(services.config, reply, secret),
      );
      if (facts.sessionSecret !== null && context.principal.kind === 'GUEST') {
        services.metrics.passedOver('session_over');
      }
      requireAcceptable(request);
      request[contextKey] = context;
    },
    handler: execute,
    onSend: async (request, _reply, payload) => giveUpUnread(request, payload),
    ...(services.metrics === noMetrics ? {} : { onResponse: operated(services.metrics) }),
  });

  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: async (request, reply) => {
      if (request.method === 'GET' && leadToPlayground(request, reply)) {
        return reply;
      }
      reply.header('allow', 'POST');
      send(reply, new LatchkeyError('GraphQL is served over POST.', 'METHOD_NOT_ALLOWED'), 405);
      return reply;
    },
  });
}

/** What the system keeps of an answer that is not read, the process does not. */
const longAnswer = 65_536;

/** Longer than any request behind it on the connection takes; Node looks twice before it gives up. */
const unreadMs = 10_000;

/** Closes the connection of a client that takes nothing of a long answer: it would stay in memory for ever. */
function giveUpUnread({ raw }: FastifyRequest, payload: unknown): void {
  if (typeof payload === 'string' && payload.length > longAnswer) {
    raw.socket.setTimeout(unreadMs);
  }
}

/** Whoever stands in front of this server may have read the other of two types, and bodies are never unpacked. */
function requirePlainJson({ raw }: FastifyRequest): void {
  const encoding = raw.headers['content-encoding'];
  if ((encoding !== undefined && encoding !== 'identity') || sent(raw.rawHeaders, 'content-type').length > 1) {
    throw new LatchkeyError('Send one body, as plain `application/json`.', 'UNSUPPORTED_MEDIA_TYPE');
  }
}

/** Takes down how requests ended; one that had no context was refused before anything of it was read. */
function operated(metrics: Metrics) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const ending = request[contextKey]?.ending ?? { operation: 'none', outcome: 'refused' };
    metrics.operated(ending, reply.statusCode, reply.elapsedTime / 1_000);
  };
}

/**
 * Settles the media type once, for Apollo and for ourselves. Without a preference it is the newer one, as the
 * GraphQL-over-HTTP draft wants it since 2025: https://graphql.github.io/graphql-over-http/draft/#sec-Legacy-Watershed
 */
function negotiate(request: FastifyRequest): void {
  const accept = request.raw.headers.accept ?? '';
  let chosen = settled.get(accept);
  if (chosen === undefined) {
    chosen = new Negotiator(request.raw).mediaType(offered)?.split(';', 1)[0] ?? '';
    if (settled.size < settledLimit) {
      settled.set(accept, chosen);
    }
  }
  request.raw.headers.accept = chosen;
}

/** Clients send few different headers, over and over. */
const settled = new Map<string, string>();
const settledLimit = 100;

/** With the parameter too, because clients name it and the negotiator takes parameters at their word. */
const offered = [mediaType, legacyMediaType].flatMap((type) => [type, `${type}; charset=utf-8`]);

/** After the credential, because a bad bearer is a 401 whatever the media type. */
function requireAcceptable(request: FastifyRequest): void {
  if (request.raw.headers.accept === '') {
    throw new LatchkeyError(`Accept \`${mediaType}\` or \`${legacyMediaType}\`.`, 'NOT_ACCEPTABLE');
  }
}
