/** Far above any statement, so that a length made of garbage is noticed. */
const longest = 64 * 1024 * 1024;

/** Cuts a stream of the PostgreSQL protocol into its messages, in either direction. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The bytes are copied, so that their owner may use the memory again. */
  push(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** The next whole message, or null until more bytes have come; only start-up messages have no type before the length. */
  next(typed = true): Buffer | null {
    const start = typed ? 1 : 0;
    if (this.#bytes.length < start + 4) {
      return null;
    }
    const length = start + this.#bytes.readInt32BE(start);
    if (length < start + 4 || length > longest) {
      throw new Error('This is not the PostgreSQL protocol.');
    }
    if (this.#bytes.length < length) {
      return null;
    }
    const message = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return message;
  }
}

/** The codes that a client may send in place of the protocol's version, before it starts. */
export const preamble = { cancel: 80_877_102, tls: 80_877_103, gssapi: 80_877_104 } as const;

/** The type of the message with which a client takes its leave. */
export const terminate = 'X'.charCodeAt(0);

/** What a client sends first. */
export function startUp(user: string, database: string): Buffer {
  const version = Buffer.alloc(4);
  version.writeInt32BE(3 << 16);
  return framed('', version, Buffer.from(`user\0${user}\0database\0${database}\0\0`));
}

/** One request of the simple kind. */
export function query(statement: string): Buffer {
  return framed('Q', Buffer.from(`${statement}\0`));
}

/** Ends a request of the extended kind; after an error the backend ignores everything up to it. */
export const sync = framed('S');

/** Breaks a COPY into the database off. */
export const copyFail = framed('f', Buffer.from('the embedded database takes no data over its socket\0'));

/** Whether a client goes on with a COPY that has been broken off. */
export function isCopyData(message: Buffer): boolean {
  return ['d', 'c', 'f'].includes(message.toString('latin1', 0, 1));
}

/** The last word to a client that is sent away. */
export function fatal(code: string, message: string): Buffer {
  return framed('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`));
}

/** Whether a message of the backend says that it is ready and that no transaction is open. */
export function isIdle(message: Buffer): boolean {
  return message.toString('latin1', 0, 1) === 'Z' && message.toString('latin1', 5, 6) === 'I';
}

/** The first column of a row of the answer, or null when the message is no row or the column is null. */
export function firstColumn(message: Buffer): string | null {
  if (message.toString('latin1', 0, 1) !== 'D') {
    return null;
  }
  const length = message.readInt32BE(7);
  return length < 0 ? null : message.toString('utf8', 11, 11 + length);
}

function framed(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}
