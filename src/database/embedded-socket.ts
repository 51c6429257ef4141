import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { Visit } from './visit.js';
import { startUp } from './wire.js';

const maxVisits = 32;

/** Lets other processes of the same user into the embedded database while the server runs, `psql` included. */
export class EmbeddedSocket {
  readonly #server: Server;
  readonly #visits = new Set<Visit>();

  private constructor(
    pglite: PGlite,
    greeting: Uint8Array,
    private readonly path: string,
  ) {
    this.#server = createServer((socket) => {
      const visit = new Visit(pglite, socket, greeting);
      this.#visits.add(visit);
      void visit.ended.finally(() => this.#visits.delete(visit));
    });
    this.#server.maxConnections = maxVisits;
  }

  static async open(pglite: PGlite, path: string): Promise<EmbeddedSocket> {
    rmSync(path, { force: true });
    const embedded = new EmbeddedSocket(pglite, await greetingOf(pglite), path);
    await embedded.#listen();
    return embedded;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const visit of this.#visits) {
      visit.end();
    }
    await Promise.all([...this.#visits].map((visit) => visit.ended));
    await closed;
    rmSync(this.path, { force: true });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).once('listening', resolve);
      // The socket is made with the permissions that the mask leaves: the owner's alone.
      const mask = process.umask(0o177);
      try {
        this.#server.listen(this.path);
      } finally {
        process.umask(mask);
      }
    });
  }
}

/**
 * What the backend answers to a client that starts, asked once: the start-up messages of clients never reach it, because
 * one that it refuses, or one that asks for replication, would change it for everyone.
 */
async function greetingOf(pglite: PGlite): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  await pglite._runExclusiveTransaction(() =>
    pglite.execProtocolRawStream(startUp('postgres', 'postgres'), {
      onRawData: (bytes) => void parts.push(Buffer.from(bytes)),
    }),
  );
  return Buffer.concat(parts);
}
