import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder of PostgreSQL's binaries: on the PATH, or the newest of those that packages install. */
export function binaries() {
  const versioned = (folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
          .map((version) => join(folder, version, 'bin'))
      : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versioned('/usr/lib/postgresql'),
    '/usr/local/pgsql/bin',
    '/opt/homebrew/opt/postgresql/bin',
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root, so root lends it another identity. */
export function unprivileged() {
  if (process.getuid?.() !== 0) {
    return {};
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (kind) =>
        Number(execFileSync('id', [kind, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // The next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.');
}
