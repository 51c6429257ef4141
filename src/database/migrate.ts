import { readdirSync } from 'node:fs';
import type { Constructor, MikroORM } from '@mikro-orm/core';
import type { Migration } from '@mikro-orm/migrations';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from './open.js';

/** "latchkey" in ASCII, folded into the 64 bits of an advisory lock's key. */
const lockKey = '7809643495066232185';

const folder = new URL('migrations/', import.meta.url);

/** Every migration in the folder, oldest first. */
export async function loadMigrations(): Promise<{ name: string; class: Constructor<Migration> }[]> {
  const files = readdirSync(folder)
    .filter((file) => /^Migration\d+\w*\.(js|ts)$/.test(file))
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const exports = (await import(new URL(file, folder).href)) as Record<string, Constructor<Migration>>;
      const name = file.replace(/\.(js|ts)$/, '');
      const found = exports[name];
      if (found === undefined) {
        throw new Error(`${file} must export a class of its own name.`);
      }
      return { name, class: found };
    }),
  );
}

/**
 * Brings the schema up to date in one transaction, all or nothing; returns the names of the migrations that ran. On
 * PostgreSQL a second connection holds an advisory lock meanwhile, so instances that start together wait for each other.
 */
export async function migrate({ orm, target }: Pick<Database, 'orm' | 'target'>): Promise<string[]> {
  if (target.kind !== 'postgresql') {
    return up(orm);
  }
  return (orm.em.fork() as EntityManager).transactional(async (holder) => {
    const context = holder.getTransactionContext();
    await holder.getConnection().execute(`select pg_advisory_xact_lock(${lockKey})`, [], 'all', context);
    return up(orm);
  });
}

async function up(orm: MikroORM): Promise<string[]> {
  const done = await orm.migrator.up();
  return done.map((migration) => migration.name);
}
