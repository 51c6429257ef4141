// Goes through the Dockerfile without Docker, so that it is checked where no engine runs: each stage in a folder of its
// own, the same files, the same commands. Then starts what came of it as its user and asks it how it is. Root only,
// because another user cannot start it as the image's: node .ci/image.js
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../bench/free-port.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const lines = (file) => readFileSync(join(root, file), 'utf8').replaceAll('\\\n', ' ').split('\n');

/** The files that Docker would be given: those of the commit, without what .dockerignore leaves out. */
function contextFiles() {
  const ignored = lines('.dockerignore').filter((line) => line !== '' && !line.startsWith('#'));
  return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !ignored.some((entry) => file === entry || file.startsWith(`${entry}/`)));
}

/** With the Node of the development dependency before this machine's, because it is that of the base image. */
const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;

class Stage {
  env = {};
  user = null;
  command = [];
  health = [];

  constructor(folder) {
    this.folder = folder;
    this.workdir = '/';
  }

  /** Where a path of the image is on this machine. */
  at(path) {
    return join(this.folder, path.startsWith('/') ? path : join(this.workdir, path));
  }
}

const building = mkdtempSync(join(tmpdir(), 'latchkey-image-'));
const stages = new Map();

function begin(words) {
  const [from, , name = 'final'] = words;
  const stage = new Stage(join(building, String(stages.size)));
  mkdirSync(stage.folder);
  const base = stages.get(from);
  if (base !== undefined) {
    stage.workdir = base.workdir;
    Object.assign(stage.env, base.env);
    cpSync(base.folder, stage.folder, { recursive: true });
  }
  stages.set(name, stage);
  return stage;
}

function copy(stage, words) {
  const from = words[0]?.startsWith('--from=') ? stages.get(words.shift().slice(7)) : null;
  const target = words.pop();
  for (const source of words) {
    if (from !== null) {
      cpSync(from.at(source), stage.at(target), { recursive: true });
      continue;
    }
    const files = contextFiles().filter((file) => source === '.' || file === source || file.startsWith(`${source}/`));
    if (files.length === 0) {
      throw new Error(`COPY ${source}: there is no such file.`);
    }
    for (const file of files) {
      const inside = source === '.' || target.endsWith('/') ? file : join(target, file.slice(source.length));
      const path = stage.at(target.endsWith('/') ? join(target, inside) : inside);
      mkdirSync(dirname(path), { recursive: true });
      cpSync(join(root, file), path);
    }
  }
}

const perform = {
  WORKDIR: (stage, rest) => {
    stage.workdir = rest;
    mkdirSync(stage.at(rest), { recursive: true });
  },
  COPY: (stage, rest) => copy(stage, rest.split(/\s+/)),
  RUN: (stage, rest) => {
    if (/(^|\s)\//.test(rest)) {
      throw new Error(`RUN ${rest}: only paths below WORKDIR, so that the step means the same without Docker.`);
    }
    console.log(`RUN ${rest}`);
    // With the settings of this machine for npm, which an engine would take from its own.
    const env = { ...process.env, PATH: path, ...stage.env };
    execFileSync('sh', ['-c', rest], { cwd: stage.at('.'), env, stdio: ['ignore', 2, 2] });
  },
  ENV: (stage, rest) => {
    for (const pair of rest.split(/\s+/)) {
      const [name, value] = pair.split('=');
      stage.env[name] = value;
    }
  },
  USER: (stage, rest) => {
    stage.user = rest.split(':').map(Number);
  },
  HEALTHCHECK: (stage, rest) => {
    stage.health = JSON.parse(rest.slice(rest.indexOf('[')));
  },
  CMD: (stage, rest) => {
    stage.command = JSON.parse(rest);
  },
  VOLUME: () => {},
  EXPOSE: () => {},
};

function build() {
  let stage;
  for (const line of lines('Dockerfile')) {
    const [, word, rest] = /^([A-Z]+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (word === 'FROM') {
      stage = begin(rest.split(/\s+/));
    } else if (word !== undefined) {
      const step = perform[word];
      if (step === undefined) {
        throw new Error(`Who does ${word}?`);
      }
      step(stage, rest);
    } else if (line !== '' && !line.startsWith('#')) {
      throw new Error(`What is this line of the Dockerfile? ${line}`);
    }
  }
  return stage;
}

async function tryOut(image) {
  const [uid, gid] = image.user;
  const port = await freePort();
  const env = {
    PATH: path,
    HOME: building,
    ...image.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: image.at('data'),
    APP_URL: `http://localhost:${port}`,
  };
  const options = { cwd: image.at('.'), env, uid, gid };
  execFileSync('sh', ['-c', 'if touch src bin/x dist/x 2>/dev/null; then exit 1; fi'], options);
  const [program, ...words] = image.command;
  const server = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 2] });
  const ended = once(server, 'exit');
  server.stdout.resume();
  try {
    for (const deadline = Date.now() + 60_000; ; await sleep(500)) {
      try {
        const [check, ...rest] = image.health;
        execFileSync(check, rest, { ...options, stdio: 'ignore' });
        break;
      } catch (error) {
        if (server.exitCode !== null || Date.now() > deadline) {
          throw new Error('The image does not become healthy.', { cause: error });
        }
      }
    }
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ viewer { kind } }"}',
    });
    const body = await answer.json();
    if (body.data?.viewer?.kind !== 'GUEST') {
      throw new Error(`The image answers ${JSON.stringify(body)}.`);
    }
    const page = await fetch(`http://127.0.0.1:${port}/`);
    if (!page.ok || !(await page.text()).includes('<script')) {
      throw new Error(`The image has no console: ${page.status}.`);
    }
  } finally {
    server.kill('SIGTERM');
  }
  const [code] = await ended;
  if (code !== 0) {
    throw new Error(`The image ends with ${code}.`);
  }
}

try {
  if (process.getuid?.() !== 0) {
    throw new Error('The steps of the Dockerfile are those of root.');
  }
  const image = build();
  if (existsSync(image.at('node_modules/typescript'))) {
    throw new Error('The image has the dependencies of development.');
  }
  execFileSync('chmod', ['755', building]);
  await tryOut(image);
  const size = execFileSync('du', ['-sm', image.folder], { encoding: 'utf8' }).split('\t')[0];
  console.log(
    `The image is healthy, serves the API and the console as user ${image.user[0]}, ends with 0; ${size} MB on top of Node.`,
  );
} finally {
  rmSync(building, { recursive: true, force: true });
}
