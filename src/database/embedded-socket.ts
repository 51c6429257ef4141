import { rmSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** Types of the messages that end a request of the PostgreSQL protocol: Query, Sync, and Terminate. */
const closing = new Set(['Q', 'S', 'X'].map((letter) => letter.charCodeAt(0)));

/**
 * Lets other processes of the same user into the embedded database while the server runs. All of them share the one
 * backend with the server, so a client keeps it to itself from the first message of a request to the last, and through
 * a whole transaction: else its statements would land in the server's transactions, and the server's in its own.
 */
export class EmbeddedSocket {
  private constructor(
    private readonly server: PGLiteSocketServer,
    private readonly path: string,
  ) {}

  static async open(pglite: PGlite, path: string): Promise<EmbeddedSocket> {
    rmSync(path, { force: true });
    const server = new PGLiteSocketServer({ db: leased(pglite), path, maxConnections: 8 });
    // The socket is made with the permissions that the mask leaves: the owner's alone.
    const mask = process.umask(0o177);
    try {
      await server.start();
    } finally {
      process.umask(mask);
    }
    return new EmbeddedSocket(server, path);
  }

  async close(): Promise<void> {
    await this.server.stop();
    rmSync(this.path, { force: true });
  }
}

/** The few methods of PGlite that the socket server calls, with a lease on the database around each request. */
function leased(pglite: PGlite): PGlite {
  let release: (() => void) | null = null;
  const acquire = () =>
    new Promise<void>((granted) => {
      void pglite._runExclusiveTransaction(
        () =>
          new Promise<void>((done) => {
            release = done;
            granted();
          }),
      );
    });
  const giveBack = () => {
    release?.();
    release = null;
  };
  const facade = {
    waitReady: pglite.waitReady,
    isInTransaction: () => release !== null,
    runExclusive: <T>(work: () => Promise<T>) => work(),
    execProtocolRawStream: async (
      message: Uint8Array,
      options: Parameters<PGlite['execProtocolRawStream']>[1],
    ): Promise<void> => {
      if (release === null) {
        await acquire();
      }
      try {
        await pglite.runExclusive(() => pglite.execProtocolRawStream(message, options));
      } catch (error) {
        giveBack();
        throw error;
      }
      // A start-up message has no type, only a length whose first byte is zero.
      const ends = message[0] === 0 || closing.has(message[0] ?? 0);
      if (ends && !pglite.isInTransaction()) {
        giveBack();
      }
    },
    /** Called when a client goes away in the middle: ends what it began, and leaves the backend ready for the next. */
    exec: async (statement: string): Promise<void> => {
      const message = pglite.isInTransaction() ? simpleQuery(statement) : sync;
      await pglite.runExclusive(() => pglite.execProtocolRawStream(message, { onRawData: () => {} })).finally(giveBack);
    },
  };
  return facade as unknown as PGlite;
}

const sync = new Uint8Array(['S'.charCodeAt(0), 0, 0, 0, 4]);

function simpleQuery(statement: string): Uint8Array {
  const body = new TextEncoder().encode(`${statement}\0`);
  const message = new Uint8Array(5 + body.length);
  message[0] = 'Q'.charCodeAt(0);
  new DataView(message.buffer).setInt32(1, 4 + body.length);
  message.set(body, 5);
  return message;
}
