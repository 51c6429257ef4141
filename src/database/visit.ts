import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import {
  copyFail,
  fatal,
  firstColumn,
  isCopyData,
  isIdle,
  MessageReader,
  preamble,
  query,
  sync,
  terminate,
} from './wire.js';

/** As long as PostgreSQL itself is told to wait for a client that keeps others waiting. */
const idleInTransactionMs = 10_000;

/** A statement that sets the session's settings again as they are now. */
const settingsAsStatement = `select string_agg(format('select set_config(%L, %L, false)', name, setting), ';')
  from pg_settings where source = 'session'`;

/**
 * One client at the socket of the embedded database. It shares the one backend with the server and the other clients, so
 * it keeps all of them out from the first message of a request until the backend is idle again, through a whole
 * transaction: else its statements would land in their transactions, and theirs in its own.
 */
export class Visit {
  /** Settles when the client is gone and the backend is as it was before. */
  readonly ended: Promise<void>;
  #release: (() => void) | null = null;
  #idleTimer: NodeJS.Timeout | undefined;
  #touched = false;
  #changesSettings = false;
  #settings = '';

  constructor(
    private readonly pglite: PGlite,
    private readonly socket: Socket,
    private readonly greeting: Uint8Array,
  ) {
    // Every failure of the socket also ends the loop that reads from it.
    socket.on('error', () => {});
    this.ended = this.#serve().finally(() => socket.destroy());
  }

  /** Sends the client away, whatever it is doing. */
  end(): void {
    this.socket.destroy();
  }

  async #serve(): Promise<void> {
    const reader = new MessageReader();
    let started = false;
    try {
      for await (const chunk of this.socket) {
        reader.push(chunk);
        for (let message = reader.next(started); message !== null; message = reader.next(started)) {
          if (!started) {
            started = this.#begin(message);
          } else if (message[0] === terminate) {
            return;
          } else if (!isCopyData(message)) {
            await this.#pass(message);
          }
        }
      }
    } catch {
      // The client went away in the middle, or does not speak the protocol.
    } finally {
      clearTimeout(this.#idleTimer);
      await this.#cleanUp();
    }
  }

  /** Answers a client that introduces itself; whoever may open the socket is let in. True when it has started. */
  #begin(message: Buffer): boolean {
    const code = message.readInt32BE(4);
    if (code === preamble.tls || code === preamble.gssapi) {
      this.socket.write('N');
      return false;
    }
    if (code >>> 16 !== 3) {
      throw new Error('Neither a start of protocol 3 nor anything that needs an answer.');
    }
    this.socket.write(this.greeting);
    return true;
  }

  /** Runs one message, and lets the others in again once the backend has nothing open. */
  async #pass(message: Buffer): Promise<void> {
    clearTimeout(this.#idleTimer);
    await this.#acquire();
    if (this.socket.destroyed) {
      throw new Error('The client went away while it waited.');
    }
    this.#touched = true;
    this.#changesSettings ||= /set|discard/i.test(message.toString('latin1'));
    let idle = false;
    // Left waiting for the data of a COPY the engine would never return; where nothing is copied, this is ignored.
    await this.#execute(Buffer.concat([message, copyFail]), (answer) => {
      this.socket.write(answer);
      idle = isIdle(answer);
    });
    if (idle) {
      await this.#setAsideSettings();
      this.#giveBack();
    } else {
      this.#idleTimer = setTimeout(() => this.#sendAway(), idleInTransactionMs);
    }
    await this.#drained();
  }

  /** Runs one message of the client's side; the answers come whole. */
  #execute(message: Buffer, onAnswer: (answer: Buffer) => void = () => {}): Promise<void> {
    const reader = new MessageReader();
    const onRawData = (bytes: Uint8Array) => {
      reader.push(bytes);
      for (let answer = reader.next(); answer !== null; answer = reader.next()) {
        onAnswer(answer);
      }
    };
    return this.pglite.runExclusive(() => this.pglite.execProtocolRawStream(message, { onRawData }));
  }

  async #acquire(): Promise<void> {
    if (this.#release !== null) {
      return;
    }
    const granted = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    void this.pglite._runExclusiveTransaction(() => {
      granted.resolve();
      return done.promise;
    });
    await granted.promise;
    this.#release = done.resolve;
    if (this.#settings !== '') {
      await this.#execute(query(this.#settings));
    }
  }

  #giveBack(): void {
    this.#release?.();
    this.#release = null;
  }

  /** A `SET` holds for the client that gave it and not for the server, which a `search_path` of `pg_dump` would break. */
  async #setAsideSettings(): Promise<void> {
    if (!this.#changesSettings) {
      return;
    }
    this.#settings = '';
    await this.#execute(query(settingsAsStatement), (answer) => {
      this.#settings += firstColumn(answer) ?? '';
    });
    await this.#execute(query('reset all'));
  }

  #sendAway(): void {
    this.socket.write(fatal('25P03', 'terminating connection due to idle-in-transaction timeout'));
    this.socket.destroy();
  }

  /** A client that does not read its answers gets no further ones, instead of filling the memory. */
  #drained(): Promise<void> {
    const { socket } = this;
    if (!socket.writableNeedDrain || socket.destroyed) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      socket.once('drain', resolve).once('close', () => resolve());
    });
  }

  /** Undoes what the client left unfinished, and whatever it made for its session. */
  async #cleanUp(): Promise<void> {
    if (this.#touched) {
      this.#settings = '';
      await this.#acquire();
      // The first is ignored after an error in an extended request, and the last needs a backend without a transaction.
      for (const message of [query('rollback'), sync, query('rollback'), query('discard all')]) {
        await this.#execute(message);
      }
    }
    this.#giveBack();
  }
}
