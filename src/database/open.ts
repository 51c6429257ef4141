import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { MikroORM, type Options } from '@mikro-orm/core';
import { type Config, ConfigError, inMemory } from '../config.js';
import { keepWhole, poolOf } from './connections.js';
import { DirectoryLock } from './directory-lock.js';
import { socketAnswers, socketDirectory, socketPath } from './embedded.js';
import { EmbeddedSocket } from './embedded-socket.js';

/** Where the database is: PostgreSQL, embedded in this process, or embedded in a running server behind its socket. */
export type DatabaseTarget =
  | { readonly kind: 'postgresql' /** Without time limits, for migrations. */; readonly patient?: boolean }
  | { readonly kind: 'embedded'; readonly loadDataDir?: Blob }
  | { readonly kind: 'socket'; readonly directory: string };

export interface Database {
  readonly orm: MikroORM;
  readonly target: DatabaseTarget;
  close(): Promise<void>;
}

/** A server keeps the embedded database to itself and lets others in; a visitor takes whichever way in there is. */
export type Role = 'server' | 'visitor';

const handOverMs = 3_000;
const openingMs = 20_000;
const pollMs = 100;

/** Opens the database that the configuration names; throws a {@link ConfigError} when another server has it. */
export async function openDatabase(
  config: Config,
  role: Role,
  optionsFor: (target: DatabaseTarget) => Options,
): Promise<Database> {
  if (config.databaseUrl !== undefined) {
    return connected({ kind: 'postgresql' }, optionsFor);
  }
  if (config.dataDir === inMemory) {
    return connected({ kind: 'embedded' }, optionsFor);
  }
  // Whoever holds the directory may be on its way out, still starting, or a visitor that will soon be done.
  for (const since = Date.now(); ; await sleep(pollMs)) {
    const lock = await DirectoryLock.acquire(config.dataDir, 0);
    if (lock !== null) {
      return embedded(config, lock, role, optionsFor);
    }
    const isServed = await socketAnswers(config.dataDir);
    if (isServed && role === 'visitor') {
      return connected({ kind: 'socket', directory: socketDirectory(config.dataDir) }, optionsFor);
    }
    if (isServed && Date.now() - since > handOverMs) {
      throw new ConfigError(
        `Another Latchkey server is running on ${config.dataDir}: stop it, or give this one a DATA_DIR of its own.`,
      );
    }
    if (Date.now() - since > openingMs) {
      throw new ConfigError(`Another process holds ${config.dataDir} and lets nobody in: try again when it has ended.`);
    }
  }
}

async function embedded(
  config: Config,
  lock: DirectoryLock,
  role: Role,
  optionsFor: (target: DatabaseTarget) => Options,
): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await connected({ kind: 'embedded' }, optionsFor);
    // Clients of PostgreSQL know sockets in the file system, and Windows has none that Node can open.
    const isOpen = role === 'server' && process.platform !== 'win32';
    const socket = isOpen ? await openSocket(config, database.orm) : null;
    const { orm, target } = database;
    return {
      orm,
      target,
      close: async () => {
        await socket?.close();
        await orm.close();
        lock.release();
      },
    };
  } catch (error) {
    await database?.close();
    lock.release();
    throw error;
  }
}

async function openSocket(config: Config, orm: MikroORM): Promise<EmbeddedSocket> {
  const directory = socketDirectory(config.dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const connection = orm.em.getConnection() as unknown as { getNativeClient(): Promise<PGlite> };
  return EmbeddedSocket.open(await connection.getNativeClient(), socketPath(directory));
}

async function connected(target: DatabaseTarget, optionsFor: (target: DatabaseTarget) => Options): Promise<Database> {
  const orm = await MikroORM.init(optionsFor(target));
  if (target.kind !== 'embedded') {
    keepWhole(await poolOf(orm));
  }
  return { orm, target, close: () => orm.close() };
}
