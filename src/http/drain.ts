import { type Server, type Socket, Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How long requests may go on once the server closes. */
const graceMs = 4_000;
/** How long a proxy that keeps connections for later has to give them up by itself. */
const retireMs = 2_500;
const pollMs = 25;

/**
 * Lets requests that are under way finish when the server closes, and nothing else hold it up. Node closes connections
 * that wait for another request; to it one that has never sent a byte is busy, and its time limits end with the listening.
 * With `retire` each connection ends with its next answer before that, for a request may be on its way on one that waits.
 */
export function drainConnections(app: FastifyInstance, retire: boolean): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    if (retire) {
      // That of HTTP would close the connections that wait.
      TcpServer.prototype.close.call(app.server as Server);
      for (const deadline = performance.now() + retireMs; open.size > 0 && performance.now() < deadline; ) {
        await sleep(pollMs);
      }
    }
    for (const socket of open) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
    setTimeout(() => app.server.closeAllConnections(), graceMs).unref();
  });
}
