import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../bench/free-port.js';
import { binaries, unprivileged } from '../bench/postgresql.js';

/** How `pg_ctl` stops a server: for clients with an error, or as if it had crashed. */
export type StopMode = 'fast' | 'immediate';

/** A PostgreSQL of a test's own, at a port of its own, that the test may stop, kill and freeze. */
export class Cluster {
  private databases = 0;
  /** Where it takes connections, once it is up. */
  port = 0;

  private constructor(
    readonly bin: string,
    /** Where its files are: `data/`, `server.log`. */
    readonly directory: string,
    private readonly settings: Readonly<Record<string, string | number>>,
  ) {}

  /**
   * Makes and starts one; `settings` are of `postgresql.conf`, and `fill` makes its files where they are not to be new.
   * Throws where PostgreSQL is not installed.
   */
  static async start(
    settings: Readonly<Record<string, string | number>> = {},
    fill = (cluster: Cluster) => cluster.initialize(),
  ): Promise<Cluster> {
    const linked = binaries();
    if (linked === undefined) {
      throw new Error('These tests need the server of PostgreSQL: `apt-get install postgresql`.');
    }
    // Where there are links, they are seldom to all of its programs.
    const bin = dirname(realpathSync(join(linked, 'initdb')));
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-cluster-'));
    const identity = unprivileged();
    if (identity.uid !== undefined) {
      chownSync(directory, identity.uid, identity.gid ?? identity.uid);
    }
    const cluster = new Cluster(bin, directory, settings);
    try {
      fill(cluster);
      // Not before, for making the files takes seconds, in which another process may get the same port.
      cluster.port = await freePort();
      await cluster.up();
      return cluster;
    } catch (error) {
      cluster.remove();
      throw error;
    }
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  get log(): string {
    return readFileSync(join(this.directory, 'server.log'), 'utf8');
  }

  /** The address of a database of this cluster. */
  url(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database and returns its address. */
  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `latchkey_${this.databases}`;
    await this.query(`create database ${name}`);
    return this.url(name);
  }

  /** Runs a statement over a connection of its own. */
  async query<Row extends pg.QueryResultRow>(
    statement: string,
    values: unknown[] = [],
    url = this.url(),
  ): Promise<Row[]> {
    const client = new pg.Client(url);
    // The server may be on its way out.
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server, and waits until it takes connections. */
  async up(): Promise<void> {
    const all = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.directory,
      ...this.settings,
    };
    const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`);
    // `pg_ctl` hands its own streams on to the server, which would keep a caller that reads them waiting for ever.
    const starting = spawn(
      join(this.bin, 'pg_ctl'),
      ['-D', this.data, '-l', join(this.directory, 'server.log'), '-w', '-o', options.join(' '), 'start'],
      { ...unprivileged(), cwd: this.directory, stdio: 'ignore', detached: true },
    );
    const code = await new Promise((resolve) => starting.once('exit', resolve));
    if (code !== 0) {
      throw new Error(`PostgreSQL did not start.\n${this.log}`);
    }
  }

  /** Starts the server after its postmaster was killed: the processes that it left behind have to notice first. */
  async upAgain(): Promise<void> {
    for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
      try {
        return await this.up();
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
      }
    }
  }

  /** Stops the server, and waits until it is down. */
  async down(mode: StopMode = 'fast'): Promise<void> {
    // Clients of this process go on meanwhile: what they measure must not contain the checkpoint of the server.
    const stopping = spawn(join(this.bin, 'pg_ctl'), this.stopping(mode), {
      ...unprivileged(),
      cwd: this.directory,
      stdio: 'ignore',
    });
    const [code] = await once(stopping, 'exit');
    if (code !== 0) {
      throw new Error(`PostgreSQL did not stop.\n${this.log}`);
    }
  }

  /** Stops every process of the server in its tracks, or lets all go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const [postmaster = ''] = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', postmaster], { encoding: 'utf8' });
    for (const pid of [postmaster, ...children.trim().split(/\s+/)].filter((text) => text !== '')) {
      try {
        process.kill(Number(pid), signal);
      } catch {
        // A backend may end at any time.
      }
    }
  }

  /** Stops the server however it stands and deletes its files. */
  remove(): void {
    try {
      this.signal('SIGCONT');
      this.run('pg_ctl', this.stopping('immediate'));
    } catch {
      // It was down already.
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private stopping(mode: StopMode): string[] {
    return ['-D', this.data, '-m', mode, '-w', 'stop'];
  }

  private initialize(): void {
    this.run('initdb', ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']);
  }

  /** Runs one of PostgreSQL's programs and returns what it prints. */
  run(program: string, words: readonly string[]): string {
    return this.as(join(this.bin, program), words);
  }

  /** Runs any program as the user whose files the server's are. */
  as(program: string, words: readonly string[]): string {
    return execFileSync(program, words, {
      ...unprivileged(),
      cwd: this.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
