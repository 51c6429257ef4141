import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { type ErrorCode, LatchkeyError } from '../errors.js';
import { answerHead, legacyMediaType, mediaType, statusOf } from '../graphql/answer-head.js';
import { type ErrorAnswer, mask } from '../graphql/mask.js';
import type { Reason } from '../telemetry/reasons.js';
import { metricsKey } from './count.js';

const codes: Record<number, ErrorCode> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
  503: 'SERVICE_UNAVAILABLE',
};

const messages: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'The body is not a JSON object that a GraphQL request could be.',
  PAYLOAD_TOO_LARGE: 'The body is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the request as `application/json`.',
  REQUEST_TIMEOUT: 'The request took too long to arrive.',
  HEADERS_TOO_LARGE: 'The headers are too large.',
  SERVICE_UNAVAILABLE: 'The service is not available at the moment. Try again shortly.',
};

/** Answers whatever was refused before GraphQL began, in the shape of a GraphQL answer. */
export function refuse(error: FastifyError | GraphQLError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  const code = codes[status];
  if (!(error instanceof LatchkeyError) && code !== undefined) {
    send(reply, new LatchkeyError(messages[code] ?? error.message, code), status);
    return;
  }
  const { answer, cause, reason } = mask(error);
  if (cause !== null) {
    request.log.error({ err: cause }, 'a request failed');
    answer.extensions.requestId = request.id;
  }
  sendAnswer(reply, answer, statusOf(answer), reason);
}

/** Answers with one error. The status holds whatever the media type, because the credential or the request itself is refused. */
export function send(reply: FastifyReply, error: LatchkeyError, status: number): void {
  const { answer, reason } = mask(error);
  sendAnswer(reply, answer, status, reason);
}

function sendAnswer(reply: FastifyReply, answer: ErrorAnswer, status: number, reason: Reason | null): void {
  reply.server[metricsKey].told(String(answer.extensions.code), reason);
  if (reason !== null && reason !== 'overload') {
    reply.log.info({ reason }, 'refused');
  }
  const { headers } = answerHead([answer], { outcome: 'refused', legacy: false });
  const type = reply.request.headers.accept === legacyMediaType ? legacyMediaType : mediaType;
  reply
    .code(status)
    .headers(headers)
    .header('content-type', `${type}; charset=utf-8`)
    .send(JSON.stringify({ errors: [answer] }));
}

/** Answers on the bare connection what Node could not read as a request, with these headers, and closes it. */
export function refuseConnection(headers: Readonly<Record<string, string>>) {
  const described = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = parserStatus[error.code ?? ''] ?? 400;
    const code = codes[status] ?? 'BAD_REQUEST';
    const message = status === 400 ? 'This is no HTTP request that the server understands.' : (messages[code] ?? '');
    const body = JSON.stringify({ errors: [new LatchkeyError(message, code)] });
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n${described.join('')}` +
        `content-type: ${mediaType}; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
}

const parserStatus: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
