import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atEnd } from './closing.js';
import { freePort } from './free-port.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

// As a user starts it: what `npm start` runs, without npm.
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const latchkey = scripts.start.split(' ').slice(1);

/** How each server is started; `graphql` and `ids` say how its answers are read. */
export const kinds = {
  reference: { arguments: [`${here}reference/server.js`], graphql: false, ids: 'uuid' },
  stock: { arguments: [`${here}stock/dist/main.js`], graphql: true, ids: 'uuid' },
  mercurius: { arguments: [`${here}mercurius/server.js`], graphql: true, ids: 'uuid' },
  latchkey: { arguments: latchkey, graphql: true, ids: 'typeid' },
  'latchkey, guards open': {
    arguments: ['--import', `${here}open-guards/preload.js`, ...latchkey],
    graphql: true,
    ids: 'typeid',
  },
  'latchkey, log at info': { arguments: latchkey, environment: { LOG_LEVEL: 'info' }, graphql: true, ids: 'typeid' },
};

/** Starts a server as one Node process in production and waits until it takes connections; `stop` gives its exit code. */
export async function startServer(
  name,
  databaseUrl,
  { label = name, nodeArguments = [], environment = {}, onLine } = {},
) {
  const kind = kinds[name];
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeArguments, ...kind.arguments], {
    cwd: root,
    // Nothing of the caller's environment may make one server different from another.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      // The others log nothing either; `--only log` measures what the default costs.
      LOG_LEVEL: 'warn',
      // Kept like any other, and never spent: one client sends here what thousands would.
      COST_PER_MINUTE: '999999999',
      COST_PER_MINUTE_GUEST: '999999999',
      ...kind.environment,
      ...environment,
    },
    stdio: ['ignore', onLine === undefined ? 'ignore' : 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-4_000);
  });
  if (onLine !== undefined) {
    createInterface({ input: child.stdout }).on('line', onLine);
  }
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const exit = await ended;
    clearTimeout(late);
    return exit;
  };
  atEnd(stop);
  for (const deadline = Date.now() + 60_000; !(await answers(port)); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${label} did not start.\n${complaints}`);
    }
  }
  return {
    label,
    kind,
    port,
    pid: child.pid,
    stop,
    cpuSeconds: () => cpuSeconds(child.pid),
    rssMiB: () => rssMiB(child.pid),
    complaints: () => complaints,
  };
}

async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

let ticks;

/** User and system time of a process with all its threads; null where there is no /proc. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    return null;
  }
}

function rssMiB(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return null;
  }
}
