import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/free-port.js';

/** A Redis of a test's own, at a port of its own, that the test may stop, freeze, flush and fill. */
export class RedisServer {
  #process: ChildProcess | null = null;
  readonly #directory = mkdtempSync(join(tmpdir(), 'latchkey-redis-'));

  private constructor(readonly port: number) {}

  /** Starts one; throws where Redis is not installed. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it empty, and waits until it answers. */
  async up(): Promise<void> {
    const words = [
      '--port',
      this.port,
      '--bind',
      '127.0.0.1',
      '--dir',
      this.#directory,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = spawn('redis-server', words.map(String), { stdio: 'ignore' });
    const missing = once(child, 'error').then(() => {
      throw new Error('These tests need Redis: `apt-get install redis-server`.');
    });
    missing.catch(() => {});
    this.#process = child;
    const answers = async () => {
      while ((await this.ask((client) => client.ping()).catch(() => null)) !== 'PONG') {
        await sleep(20);
      }
    };
    await Promise.race([answers(), missing]);
  }

  /** Ends it at once, with all that it knew. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child !== null && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  /** Stops it in its tracks, with its connections open, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  /** Asks something over a connection of its own. */
  async ask<Result>(question: (client: Redis) => Promise<Result>): Promise<Result> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  }

  async remove(): Promise<void> {
    this.signal('SIGCONT');
    await this.down();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
