// Compiles the server and builds the console, side by side.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** Resolves to whether a Node process ended well. */
function run(...words) {
  const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code === 0));
  });
}

const done = await Promise.all([run(compiler, '-p', 'tsconfig.build.json'), run(join('bin', 'console.js'))]);
process.exitCode = done.every(Boolean) ? 0 : 1;
