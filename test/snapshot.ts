import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { databaseOptions } from '../mikro-orm.config.js';
import { type Config, inMemory } from '../src/config.js';
import { migrate } from '../src/database/migrate.js';
import { type Database, openDatabase } from '../src/database/open.js';

/** Everything that decides what a migrated, empty database looks like. */
const parts = [
  'node_modules/@electric-sql/pglite/package.json',
  ...readdirSync('src/database/migrations').map((file) => `src/database/migrations/${file}`),
];
const digest = createHash('sha256');
for (const part of parts.sort()) {
  digest.update(part).update(readFileSync(part));
}
const path = join(tmpdir(), `latchkey-test-${digest.digest('hex').slice(0, 16)}.tar`);

/**
 * An embedded database in memory that has been migrated. The files of the first one are kept and given to all later ones:
 * making a cluster takes five times as long as loading one.
 */
export async function migratedDatabase(config: Config): Promise<Database> {
  if (config.databaseUrl !== undefined || config.dataDir !== inMemory) {
    throw new Error('Only a database in memory begins from a snapshot.');
  }
  const loadDataDir = existsSync(path) ? fileAt(path) : undefined;
  const database = await openDatabase(config, 'server', (target) =>
    databaseOptions(config, target.kind === 'embedded' ? { ...target, loadDataDir } : target),
  );
  if (loadDataDir === undefined) {
    await migrate(database);
    const connection = database.orm.em.getConnection() as unknown as { getNativeClient(): Promise<PGlite> };
    const dump = await (await connection.getNativeClient()).dumpDataDir('none');
    // Renamed into place, so that no other worker ever reads half of it.
    writeFileSync(`${path}.${process.pid}`, Buffer.from(await dump.arrayBuffer()));
    renameSync(`${path}.${process.pid}`, path);
  }
  return database;
}

/** What PGlite reads of a file; jest's own `Blob` is of another realm and will not be read. */
function fileAt(place: string): Blob {
  const bytes = readFileSync(place);
  return { type: 'application/x-tar', size: bytes.length, arrayBuffer: async () => bytes } as unknown as Blob;
}
