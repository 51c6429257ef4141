#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  console.error(
    `Latchkey needs Node 22.17 or newer and this is ${process.versions.node}. ` +
      'The npm scripts and npx bring their own: use `npm start`, or `npx latchkey` in this folder.',
  );
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(entry)) {
  const build = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) {
    console.error('Latchkey is not built, and `npm run build` failed.');
    process.exit(1);
  }
}
await import(entry.href);
