// Builds, serves, and does both again when a source changes. While a build has errors, the last server goes on. The console
// has a server of its own meanwhile, which shows its changes at once and hands the endpoint's requests on.
import { spawn } from 'node:child_process';
import { existsSync, rmSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { resolve: find } = createRequire(import.meta.url);
const compiler = join(dirname(find('typescript/package.json')), 'bin', 'tsc');
const bundler = join(dirname(find('vite/package.json')), 'bin', 'vite.js');
const config = 'mikro-orm.config.ts';
/** Editors write a file in several steps, and a checkout writes many. */
const settleMs = 200;

/** A Node process that shares the terminal, and what comes of it. */
function run(...words) {
  const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  return { child, ended };
}

const pages = run(bundler, 'console');
const changes = new Set();
let server = null;
let busy = false;
let ending = false;
let timer = null;

/** The compiler leaves what it once made, and a migration that is left there would run. */
function dropCompiled(file) {
  if (!existsSync(join(root, file))) {
    const compiled = join(root, 'dist', file.replace(/\.ts$/, '.js'));
    rmSync(compiled, { force: true });
    rmSync(`${compiled}.map`, { force: true });
  }
}

async function stop() {
  const last = server;
  server = null;
  last?.child.kill('SIGTERM');
  await last?.ended;
}

function start() {
  const started = run(join('bin', 'latchkey.js'), 'serve');
  server = started;
  void started.ended.then(() => {
    if (server === started) {
      server = null;
      say('The server has ended. The next change starts it again.');
    }
  });
}

/** One round at a time; what changes meanwhile makes another. */
async function round() {
  if (busy) {
    return;
  }
  busy = true;
  do {
    changes.forEach(dropCompiled);
    changes.clear();
    const built = (await run(compiler, '-p', 'tsconfig.build.json', '--pretty').ended) === 0;
    if (built && !ending) {
      await stop();
    }
    if (built && !ending) {
      start();
    } else {
      say('The build has errors. The next change tries again.');
    }
  } while (changes.size > 0 && !ending);
  busy = false;
}

function noteChange(file) {
  changes.add(file);
  clearTimeout(timer);
  timer = setTimeout(() => {
    say(`${file} has changed.`);
    void round();
  }, settleMs);
}

async function end() {
  if (ending) {
    return;
  }
  ending = true;
  pages.child.kill('SIGTERM');
  if (process.platform === 'win32') {
    // The terminal has told the server too, and here a signal would end it in the middle.
    await server?.ended;
  } else {
    await stop();
  }
  process.exit(0);
}

function say(text) {
  if (!ending) {
    console.log(`\n${text}`);
  }
}

process.on('SIGINT', end).on('SIGTERM', end);
watch(join(root, 'src'), { recursive: true }, (_event, file) => {
  if (file?.endsWith('.ts')) {
    noteChange(join('src', file));
  }
});
watch(root, (_event, file) => {
  if (file === config) {
    noteChange(config);
  }
});
await round();
