import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long requests may go on once the server closes. */
const graceMs = 4_000;

/**
 * Lets requests that are under way finish when the server closes, and nothing else hold it up. Node closes connections
 * that wait for another request; to it one that has never sent a byte is busy, and its time limits end with the listening.
 */
export function drainConnections(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of open) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
    setTimeout(() => app.server.closeAllConnections(), graceMs).unref();
  });
}
