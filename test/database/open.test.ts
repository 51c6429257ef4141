import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { createApp, openAppDatabase } from '../../src/app.js';
import { type Config, ConfigError, loadConfig } from '../../src/config.js';
import { DirectoryLock } from '../../src/database/directory-lock.js';
import { socketDirectory, socketPath } from '../../src/database/embedded.js';
import type { Database } from '../../src/database/open.js';
import { sql } from '../../src/database/sql.js';

let directory: string;
let config: Config;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  config = loadConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' });
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const ask = async (database: Database, statement: string) =>
  (await sql<Record<string, unknown>>(database.orm.em.fork() as EntityManager, statement)).rows;

describe('the data directory', () => {
  test('is kept by one server; a second one is refused with a sentence, and visitors go in through the first', async () => {
    const server = await createApp(config);
    try {
      await expect(createApp(config)).rejects.toThrow(
        new ConfigError(
          `Another Latchkey server is running on ${directory}: stop it, or give this one a DATA_DIR of its own.`,
        ),
      );
      const visitor = await openAppDatabase(config, 'visitor');
      try {
        expect(visitor.target.kind).toBe('socket');
        await ask(visitor, "update api_settings set default_abilities = '{create,read}'");
        expect(await ask(server.database, 'select default_abilities::text as a from api_settings')).toEqual([
          { a: '{create,read}' },
        ]);
      } finally {
        await visitor.close();
      }
      expect((await fetch((await server.listen()).replace('graphql', 'readyz'))).status).toBe(200);
    } finally {
      await server.close();
    }
    expect(existsSync(socketPath(socketDirectory(directory)))).toBe(false);

    // Without a server a visitor opens the directory itself and finds what was written.
    const alone = await openAppDatabase(config, 'visitor');
    try {
      expect(alone.target.kind).toBe('embedded');
      expect(await ask(alone, 'select default_abilities::text as a from api_settings')).toEqual([
        { a: '{create,read}' },
      ]);
    } finally {
      await alone.close();
    }
  }, 60_000);

  test('is for its owner alone, and so is the socket', async () => {
    const database = await openAppDatabase(loadConfig({ DATA_DIR: join(directory, 'new') }), 'server');
    try {
      expect(statSync(join(directory, 'new')).mode & 0o077).toBe(0);
      expect(statSync(socketPath(socketDirectory(join(directory, 'new')))).mode & 0o077).toBe(0);
    } finally {
      await database.close();
    }
  });

  test('whose path is too long for a socket has its socket elsewhere', async () => {
    const deep = join(directory, 'd'.repeat(60), 'd'.repeat(60));
    const deepConfig = loadConfig({ DATA_DIR: deep });
    const database = await openAppDatabase(deepConfig, 'server');
    try {
      const visitor = await openAppDatabase(deepConfig, 'visitor');
      try {
        expect(visitor.target.kind).toBe('socket');
        expect(await ask(visitor, 'select 1 as one')).toEqual([{ one: 1 }]);
      } finally {
        await visitor.close();
      }
    } finally {
      await database.close();
      rmSync(socketDirectory(deep), { recursive: true, force: true });
    }
  });
});

describe('the lock of a directory', () => {
  test('is free again once its process is gone, however it went', async () => {
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `const { openSync } = require('node:fs');
         const { tryLock } = require('fs-native-extensions');
         console.log(tryLock(openSync(${JSON.stringify(join(directory, 'lock'))}, 'a')));
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(holder.stdout, 'data');
    expect(String(line)).toBe('true\n');
    expect(await DirectoryLock.acquire(directory, 0)).toBeNull();

    const patient = DirectoryLock.acquire(directory, 10_000);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = await patient;
    expect(lock).not.toBeNull();
    expect(await DirectoryLock.acquire(directory, 0)).toBeNull();
    lock?.release();
    const again = await DirectoryLock.acquire(directory, 0);
    expect(again).not.toBeNull();
    again?.release();
  });
});
