import { createHash } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMemory } from '../config.js';

/** The files of the embedded cluster. */
export function clusterDirectory(dataDir: string): string {
  return dataDir === inMemory ? 'memory://' : join(dataDir, 'postgres');
}

/**
 * The directory of the Unix socket, so that `psql -h <directory>` finds it. Paths of sockets are limited to about a
 * hundred bytes, so a deep data directory has its socket among the temporary files.
 */
export function socketDirectory(dataDir: string): string {
  if (Buffer.byteLength(socketPath(dataDir)) <= 100) {
    return dataDir;
  }
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `latchkey-${process.getuid?.() ?? 'user'}-${digest}`);
}

/** The name that every PostgreSQL client derives from a directory and the default port. */
export function socketPath(directory: string): string {
  return join(directory, '.s.PGSQL.5432');
}

/** Whether a running server answers at its socket; among the temporary files someone else could have put one. */
export async function socketAnswers(dataDir: string): Promise<boolean> {
  const path = socketPath(socketDirectory(dataDir));
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== statSync(dataDir, { throwIfNoEntry: false })?.uid) {
    return false;
  }
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
