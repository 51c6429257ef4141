import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { atEnd } from './closing.js';
import { freePort } from './free-port.js';
import { binaries, unprivileged } from './postgresql.js';

/** A place for the databases of this run: the cluster of DATABASE_URL, or a private one made for the occasion. */
export async function openCluster() {
  const given = process.env.DATABASE_URL;
  const url = given ?? (await startPrivateCluster());
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  // The private cluster ends before this connection does.
  admin.on('error', () => {});
  atEnd(() => admin.end().catch(() => {}));
  const { rows } = await admin.query('show server_version');
  const prefix = `latchkey_bench_${process.pid}`;
  return {
    version: rows[0].server_version,
    origin: given === undefined ? 'private cluster, default configuration' : 'DATABASE_URL',
    /** Creates an empty database and returns its URL. */
    async createDatabase(name) {
      const full = `${prefix}_${name}`;
      await admin.query(`create database "${full}"`);
      if (given !== undefined) {
        atEnd(() => admin.query(`drop database if exists "${full}" with (force)`));
      }
      return Object.assign(new URL(url), { pathname: `/${full}` }).href;
    },
  };
}

async function startPrivateCluster() {
  const bin = binaries();
  if (bin === undefined) {
    console.error(
      'The benchmark needs PostgreSQL. Set DATABASE_URL to one that may create databases, or install its server: ' +
        '`initdb` and `postgres` were found neither on the PATH nor where packages put them.',
    );
    process.exit(1);
  }
  const identity = unprivileged();
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  if (identity.uid !== undefined) {
    chownSync(directory, identity.uid, identity.gid);
  }
  const data = join(directory, 'data');
  const initdb = ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  execFileSync(join(bin, 'initdb'), initdb, { ...identity, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const options = { port, listen_addresses: '127.0.0.1', unix_socket_directories: directory, max_connections: 200 };
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // In a process group of its own, because Ctrl-C must reach the servers before their database.
    { ...identity, cwd: directory, stdio: 'ignore', detached: true },
  );
  const ended = once(server, 'exit');
  atEnd(async () => {
    server.kill('SIGINT');
    await ended;
  });
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return url;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new Error('The private PostgreSQL cluster did not start.', { cause: error });
      }
    }
  }
}
