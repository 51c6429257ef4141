import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request as its sender saw it. */
export interface Arrival {
  /** Moments of `performance.now()`. */
  readonly sentAt: number;
  readonly endedAt: number;
  /** Null when no answer came in time, or the connection broke. */
  readonly status: number | null;
}

/** A request as bytes, and how it is sent. */
export interface Crowd {
  readonly port: number;
  readonly request: Buffer;
  readonly patienceMs: number;
  /** Connections that there may be. */
  readonly connections: number;
}

/** The server keeps an idle connection for five seconds and says so; who comes later may meet the end of it. */
const keepAliveMs = 4_000;

/**
 * Sends one and the same request at a pace, whether it is answered or not, as a crowd of strangers does. Bare connections,
 * because a client that costs as much as the server would measure itself.
 */
export class Arrivals {
  readonly ended: Arrival[] = [];
  /** Requests for which no connection was left; a crowd would be as many more. */
  heldBack = 0;
  private readonly idle: Connection[] = [];
  private readonly all = new Set<Connection>();

  constructor(private readonly crowd: Crowd) {}

  /**
   * Opens every connection, as a proxy does that keeps its own. Node takes one new connection a turn of its event loop, so
   * those that come while it is busy wait long for their first answer.
   */
  async open(): Promise<void> {
    const { connections } = this.crowd;
    const opening: Promise<void>[] = [];
    while (this.all.size < connections) {
      const connection = this.connect();
      this.idle.push(connection);
      opening.push(connection.opened);
    }
    await Promise.all(opening);
  }

  /** So many workers, each of which waits for its answer; resolves to the good answers of a second. */
  async inTurn(workers: number, seconds: number): Promise<number> {
    const until = performance.now() + seconds * 1_000;
    const from = this.ended.length;
    const work = async () => {
      while (performance.now() < until) {
        await this.send();
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return this.ended.slice(from).filter(({ status }) => status === 200).length / seconds;
  }

  /** So many requests a second, whatever becomes of them. */
  async atPace(perSecond: number, seconds: number): Promise<void> {
    const begun = performance.now();
    let sent = 0;
    for (let now = begun; now < begun + seconds * 1_000; now = performance.now()) {
      for (const due = ((now - begun) / 1_000) * perSecond; sent < due; sent += 1) {
        if (this.idle.length > 0 || this.all.size < this.crowd.connections) {
          void this.send();
        } else {
          this.heldBack += 1;
        }
      }
      await sleep(5);
    }
  }

  close(): void {
    for (const connection of this.all) {
      connection.close();
    }
  }

  private async send(): Promise<void> {
    const { request, patienceMs } = this.crowd;
    const connection = this.take();
    const sentAt = performance.now();
    const timer = setTimeout(() => connection.close(), patienceMs);
    const { status, reusable } = await connection.exchange(request);
    clearTimeout(timer);
    this.ended.push({ sentAt, endedAt: performance.now(), status });
    if (reusable) {
      this.idle.push(connection);
    } else {
      connection.close();
    }
  }

  /** The connection that was used last, while the server surely keeps it, or a new one. */
  private take(): Connection {
    const last = this.idle.pop();
    if (last !== undefined && performance.now() - last.usedAt < keepAliveMs) {
      return last;
    }
    last?.close();
    return this.connect();
  }

  private connect(): Connection {
    const connection: Connection = new Connection(this.crowd.port, () => this.forget(connection));
    this.all.add(connection);
    return connection;
  }

  private forget(connection: Connection): void {
    this.all.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at >= 0) {
      this.idle.splice(at, 1);
    }
  }
}

interface Ending {
  readonly status: number | null;
  readonly reusable: boolean;
}

/** One connection, with one request at a time on it. */
class Connection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private settle: ((ending: Ending) => void) | null = null;
  readonly opened: Promise<void>;
  usedAt = performance.now();

  constructor(port: number, onClose: () => void) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.opened = new Promise((resolve) => this.socket.once('connect', () => resolve()).once('close', () => resolve()));
    this.socket.on('data', (chunk) => this.receive(chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      onClose();
      this.end({ status: null, reusable: false });
    });
  }

  exchange(request: Buffer): Promise<Ending> {
    this.received = Buffer.alloc(0);
    this.socket.write(request);
    return new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      return;
    }
    const head = this.received.toString('latin1', 0, headEnd);
    const length = Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length >= headEnd + 4 + length) {
      this.end({ status: Number(head.slice(9, 12)), reusable: !/\nconnection: *close/i.test(head) });
    }
  }

  private end(ending: Ending): void {
    const { settle } = this;
    this.settle = null;
    this.usedAt = performance.now();
    settle?.(ending);
  }
}
