import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The network address of a client. Of what a proxy hands on, only an address is believed, without the port that some
 * proxies add and without a zone; otherwise it is the address of whoever is connected.
 */
export function clientAddress({ ip, raw }: Pick<FastifyRequest, 'ip' | 'raw'>): string {
  const [, bracketed, dotted] = /^\[([\da-f:.]+)\](?::\d+)?$|^([\d.]+):\d+$/i.exec(ip) ?? [];
  const [address = ''] = (bracketed ?? dotted ?? ip).split('%', 1);
  return isIP(address) === 0 ? (raw.socket.remoteAddress ?? 'unknown') : address;
}
