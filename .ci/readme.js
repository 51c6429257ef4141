// Runs the commands of README.md as a reader would, in a fresh clone, and fails when one does not do what it says.
//
// The convention that README.md keeps:
//
// - Fenced blocks whose info string begins with `sh` are run, in order, in one bash session whose working directory is a
//   fresh clone. Variables, functions and files (a cookie jar, say) carry over from block to block.
// - ```sh no-run    is not run: `git clone ...`, `npm run dev`, anything that needs what a clean machine does not have.
// - ```sh status=403    every curl in this block must get exactly this HTTP status. Without it, every curl must get a 2xx.
// - A line that ends in `npm start` starts the server in the background (`npm ci && npm start` is fine: what stands before
//   the `&&` runs first) and waits until the endpoint answers. It stands alone in its block. A README has one such block
//   to run; the others are `no-run`.
// - A line that is `npm test`, alone or after `npm ci &&`, is left out: .ci/run has run it before. It must be there.
// - The address is written http://127.0.0.1:4000 or http://localhost:4000; the port is replaced by a free one.
// - The text `the-printed-password` stands for the administrator's password that the first start prints on a line which
//   has the word "password"; it is replaced by it: ADMIN_PASSWORD='the-printed-password'.
// - Every command must succeed (`set -e -o pipefail`), and none waits for input.
// - A ```json block that comes after an `sh` block, with nothing or only one paragraph between them, is what the sh block
//   prints on standard output: one JSON value. It is compared as a subset: objects may have more members, lists must
//   have the same length, and `...` or `…` within a string stands for any text.
// - A ```text block in the same place holds lines that the output must contain, in any order, with the same wildcard.
// - ```json no-check and ```text no-check are not compared, and so is a block in any other place.
// - At the end the server is stopped as Ctrl-C does, and must be gone within ten seconds.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../bench/free-port.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = join(tmpdir(), `latchkey-readme-${process.pid}`);
const clone = join(work, 'latchkey');
const stopMs = 10_000;
/** No measure of speed, but an end for what hangs. */
const commandMs = 300_000;

/** The fenced blocks of a Markdown text, each with the number of paragraphs between it and the block before. */
export function readBlocks(markdown) {
  const blocks = [];
  let open = null;
  let gap = 0;
  let inParagraph = false;
  markdown.split('\n').forEach((line, index) => {
    const fence = /^\s*(`{3,})\s*(.*?)\s*$/.exec(line);
    if (open !== null) {
      if (fence !== null && fence[2] === '' && fence[1].length >= open.fence.length) {
        blocks.push({ info: open.info, line: open.line, gap: open.gap, text: open.lines.join('\n') });
        open = null;
        gap = 0;
        inParagraph = false;
      } else {
        open.lines.push(line);
      }
    } else if (fence !== null) {
      open = { fence: fence[1], info: fence[2].split(/\s+/), line: index + 1, gap, lines: [] };
    } else if (line.startsWith('#')) {
      gap = Number.POSITIVE_INFINITY;
    } else if (line.trim() === '') {
      inParagraph = false;
    } else if (!inParagraph) {
      inParagraph = true;
      gap += 1;
    }
  });
  return blocks;
}

/** Whether a value holds everything that is expected of it; returns the first place where it does not, or null. */
export function difference(expected, actual, place = '$') {
  if (typeof expected === 'string' && typeof actual === 'string') {
    return wildcard(expected, true).test(actual) ? null : place;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return place;
    }
    return first(expected.map((item, index) => difference(item, actual[index], `${place}[${index}]`)));
  }
  if (expected !== null && typeof expected === 'object') {
    if (actual === null || typeof actual !== 'object') {
      return place;
    }
    return first(Object.entries(expected).map(([key, item]) => difference(item, actual[key], `${place}.${key}`)));
  }
  return expected === actual ? null : place;
}

function first(places) {
  return places.find((place) => place !== null) ?? null;
}

function wildcard(text, whole) {
  const pattern = text
    .split(/\.\.\.|…/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  return new RegExp(whole ? `^${pattern}$` : pattern);
}

class Failure extends Error {}

function fail(block, message) {
  throw new Failure(`README.md line ${block.line}: ${message}`);
}

/** One bash for all blocks; `curl` in it checks the status of every answer. */
class Session {
  #bash;
  #out = '';
  #ended = false;
  #count = 0;

  constructor(env) {
    this.#bash = spawn('bash', ['--noprofile', '--norc'], { cwd: clone, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#bash.stdout.setEncoding('utf8').on('data', (text) => {
      this.#out += text;
    });
    this.#bash.on('exit', () => {
      this.#ended = true;
    });
    this.#bash.stdin.on('error', () => {});
    this.#bash.stdin.write(`set -e -o pipefail
curl() {
  local head wanted="\${EXPECTED_STATUS:-2..}" status=0 answer
  head=$(mktemp "$README_WORK/head.XXXXXX")
  command curl --max-time 60 -D "$head" "$@" || status=$?
  answer=$(sed -n 's/^HTTP[^ ]* \\([0-9]*\\).*/\\1/p' "$head" | tail -n 1)
  rm -f "$head"
  if [ "$status" -ne 0 ]; then return "$status"; fi
  if ! [[ "$answer" =~ ^$wanted$ ]]; then
    echo "curl got HTTP status $answer, expected $wanted" >&2
    return 22
  fi
}
`);
  }

  /** Runs a block and returns what it printed; throws when a command of it failed. */
  async run(block, text) {
    this.#count += 1;
    const marker = `end-of-block-${this.#count}-${process.pid}`;
    const file = join(work, `block-${this.#count}.sh`);
    writeFileSync(file, `${text}\n`);
    const status = block.info.find((word) => word.startsWith('status='))?.slice('status='.length) ?? '';
    this.#out = '';
    this.#bash.stdin.write(`EXPECTED_STATUS='${status}'\nsource '${file}' </dev/null\nprintf '\\n%s\\n' '${marker}'\n`);
    for (const deadline = Date.now() + commandMs; !this.#out.includes(`\n${marker}\n`); await sleep(20)) {
      if (this.#ended) {
        process.stdout.write(this.#out);
        fail(block, 'a command failed.');
      }
      if (Date.now() > deadline) {
        fail(block, `the commands did not end within ${commandMs / 1000} seconds.`);
      }
    }
    return this.#out.slice(0, this.#out.indexOf(`\n${marker}\n`));
  }

  end() {
    this.#bash.kill('SIGKILL');
  }
}

/** The server that `npm start` runs, in a process group of its own. */
class Server {
  output = '';
  #child;
  #exit;

  constructor(command, env) {
    this.#child = spawn('bash', ['-c', `exec ${command}`], {
      cwd: clone,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        process.stdout.write(text);
      });
    }
    this.#exit = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async untilAnswers(url) {
    const begun = Date.now();
    while (!(await answers(url))) {
      if (!this.running) {
        throw new Failure('The server ended before it answered.');
      }
      if (Date.now() - begun > commandMs) {
        throw new Failure(`The server did not answer within ${commandMs / 1000} seconds.`);
      }
      await sleep(100);
    }
    console.log(`The endpoint answered ${((Date.now() - begun) / 1000).toFixed(1)} s after the start.`);
  }

  /** Interrupts it as Ctrl-C does, and throws when it does not end. */
  async stop() {
    signalGroup(this.#child.pid, 'SIGINT');
    const ended = await Promise.race([this.#exit.then(() => true), sleep(stopMs, false, { ref: false })]);
    if (!ended) {
      this.kill();
      throw new Failure(`The server did not end within ${stopMs / 1000} seconds of Ctrl-C.`);
    }
  }

  kill() {
    signalGroup(this.#child.pid, 'SIGKILL');
  }
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended by itself.
  }
}

async function answers(url) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { kind } }' }),
    });
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Compares what a block printed with the `json` or `text` block that follows it. */
function compare(block, expected, printed) {
  if (expected.info[0] === 'text') {
    for (const line of expected.text.split('\n').filter((text) => text.trim() !== '')) {
      if (!wildcard(line.trim(), false).test(printed)) {
        fail(expected, `the output of line ${block.line} has no line like this one: ${line.trim()}\n${printed}`);
      }
    }
    return;
  }
  let actual;
  try {
    actual = JSON.parse(printed);
  } catch {
    fail(block, `the output is not one JSON value: ${printed}`);
  }
  const place = difference(JSON.parse(expected.text), actual);
  if (place !== null) {
    fail(expected, `the output of line ${block.line} differs at ${place}: ${printed}`);
  }
}

async function main() {
  const blocks = readBlocks(readFileSync(join(root, 'README.md'), 'utf8'));
  const runnable = blocks.filter(({ info }) => info[0] === 'sh' && !info.includes('no-run'));
  const lines = blocks.filter(({ info }) => info[0] === 'sh').flatMap(({ text }) => text.split('\n'));
  if (!lines.some((line) => /^(npm ci && )?npm test$/.test(line.trim()))) {
    throw new Failure('README.md does not say `npm test`.');
  }
  if (runnable.filter(({ text }) => /npm start$/m.test(text)).length !== 1) {
    throw new Failure('README.md must have exactly one block with `npm start` to run.');
  }

  mkdirSync(work, { mode: 0o700 });
  const clean = spawnSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone], { stdio: 'inherit' });
  if (clean.status !== 0) {
    throw new Failure('The clone failed.');
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/graphql`;
  const { DATABASE_URL: _database, NODE_ENV: _mode, ...inherited } = process.env;
  const env = { ...inherited, PORT: String(port), DATA_DIR: join(work, 'data'), README_WORK: work };
  let server = null;
  const session = new Session(env);
  try {
    let ran = 0;
    for (const [index, block] of blocks.entries()) {
      if (!runnable.includes(block)) {
        continue;
      }
      let text = block.text
        .split('\n')
        .filter((line) => !/^(npm ci && )?npm test$/.test(line.trim()))
        .join('\n')
        .replaceAll(/(127\.0\.0\.1|localhost):4000/g, `$1:${port}`);
      if (text.includes('the-printed-password')) {
        const password = /password\W+(\S+)/i.exec(server?.output ?? '')?.[1];
        if (password === undefined) {
          fail(block, 'the server has printed no password.');
        }
        text = text.replaceAll('the-printed-password', password);
      }
      console.log(`--- README.md line ${block.line}`);
      console.log(block.text);
      const start = /^(?:(.*) && )?([^&\n]*npm start)$/m.exec(text.trim());
      if (start !== null) {
        if (start[1] !== undefined) {
          process.stdout.write(await session.run(block, start[1]));
        }
        server = new Server(start[2], env);
        await server.untilAnswers(url);
        ran += 1;
        continue;
      }
      if (text.trim() === '') {
        continue;
      }
      const printed = await session.run(block, text);
      console.log(printed);
      const next = blocks[index + 1];
      const comparable = next !== undefined && ['json', 'text'].includes(next.info[0]) && next.gap <= 1;
      if (comparable && !next.info.includes('no-check')) {
        compare(block, next, printed);
      }
      ran += 1;
    }
    await server?.stop();
    console.log(`All ${ran} blocks of README.md do what they say.`);
  } finally {
    session.end();
    server?.kill();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
