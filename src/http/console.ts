import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { type Config, ConfigError } from '../config.js';
import { mediaType } from '../graphql/answer-head.js';
import { type Asset, type ConsoleFiles, encodings, readConsole } from './console-files.js';
import { consolePolicy, inlineScriptHashes, playground } from './console-policy.js';

/** The web console: one HTML page for all of its addresses, and the files that it loads. */
export async function consoleEndpoints(app: FastifyInstance, config: Config): Promise<void> {
  const { console: setting } = config;
  if (setting === null) {
    return;
  }
  const files = await readConsole(setting.folder);
  if (files !== null) {
    pages(app, files, config.playground);
    assets(app, files);
  } else if (setting.required) {
    throw new ConfigError('CONSOLE names a folder that holds no built console.');
  } else {
    app.addHook('onListen', async () => {
      app.log.warn('there is no console, because it has not been built: npm run build');
    });
  }
}

/** Whether the request comes from the bar of a browser and not from a program. */
export function wantsPage(request: FastifyRequest): boolean {
  return new Negotiator(request.raw).mediaType([mediaType, 'application/json', 'text/html']) === 'text/html';
}

/** Leads a browser that opens the endpoint to the Playground; false when there is none. */
export function leadToPlayground(request: FastifyRequest, reply: FastifyReply): boolean {
  if (!request.server.hasRoute({ method: 'GET', url: playground }) || !wantsPage(request)) {
    return false;
  }
  reply.header('vary', 'accept').redirect(playground, 303);
  return true;
}

function pages(app: FastifyInstance, files: ConsoleFiles, opened: Config['playground']): void {
  const page = files.page.replaceAll('{playground}', opened);
  const hashes = inlineScriptHashes(page);
  const send = (reply: FastifyReply, address: string) => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .headers({
        'content-security-policy': consolePolicy(address, nonce, hashes),
        'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
      })
      .type('text/html; charset=utf-8')
      .send(page.replaceAll('{nonce}', nonce));
  };
  for (const address of files.addresses.filter((each) => opened !== 'off' || each !== playground)) {
    app.get(address, { logLevel: 'warn' }, (_request, reply) => send(reply, address));
  }
  app.get('/*', (request, reply) => {
    if (!wantsPage(request)) {
      return reply.callNotFound();
    }
    return send(reply.code(404), '/*');
  });
}

/** The addresses are those of the files that were found, so none can lead anywhere else. */
function assets(app: FastifyInstance, files: ConsoleFiles): void {
  for (const [address, asset] of files.assets) {
    app.get(address, { logLevel: 'warn' }, (request, reply) => sendAsset(asset, request, reply));
  }
}

function sendAsset({ type, variants }: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const accepted = new Negotiator(request.raw).encodings([...encodings]);
  const encoding = encodings.find((each) => each in variants && accepted.includes(each)) ?? 'identity';
  const { body, etag } = variants[encoding] ?? variants.identity;
  reply.headers({ 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding', etag });
  if (names(request.headers['if-none-match'], etag)) {
    return reply.code(304).send();
  }
  if (encoding !== 'identity') {
    reply.header('content-encoding', encoding);
  }
  return reply.type(type).send(body);
}

/** Whether `If-None-Match` names what would be sent; a weak tag is as good (RFC 9110 section 13.1.2). */
function names(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim())) ?? false;
}
