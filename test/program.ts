import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { freePort } from '../bench/free-port.js';
import { type Answer, readAnswer } from './helper.js';

type Env = Readonly<Record<string, string>>;

/** What a command left behind. */
export interface Result {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command waits for its own processor, so that many at once do not outwait each other's patience. */
const inTurn = pLimit(Math.max(2, availableParallelism()));

/** The program, built from these sources into a folder of its own, and every process that was started from it. */
export class Latchkey {
  private readonly started = new Set<Started>();
  private directories = 0;

  private constructor(private readonly folder: string) {}

  /** Builds the program; `edit` may change a source first. */
  static async build(edit?: { path: string; change: (source: string) => string }): Promise<Latchkey> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
    const latchkey = new Latchkey(folder);
    try {
      for (const name of [
        'src',
        'bin',
        'mikro-orm.config.ts',
        'package.json',
        'tsconfig.json',
        'tsconfig.build.json',
      ]) {
        cpSync(name, join(folder, name), { recursive: true });
      }
      symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
      if (edit !== undefined) {
        const source = readFileSync(join(folder, edit.path), 'utf8');
        const changed = edit.change(source);
        if (changed === source) {
          throw new Error(`${edit.path} has nothing of what was to be changed.`);
        }
        writeFileSync(join(folder, edit.path), changed);
      }
      // Types are checked elsewhere.
      const build = latchkey.start([
        join('node_modules', 'typescript', 'bin', 'tsc'),
        '-p',
        'tsconfig.build.json',
        '--noCheck',
      ]);
      const { code, stdout, stderr } = await build.ended;
      if (code !== 0) {
        throw new Error(`The build failed: ${stdout}${stderr}`);
      }
      return latchkey;
    } catch (error) {
      await latchkey.remove();
      throw error;
    }
  }

  /** A place for a database that does not exist yet. */
  newDataDir(): string {
    this.directories += 1;
    return join(this.folder, `data-${this.directories}`);
  }

  /** Runs one command to its end. */
  run(words: readonly string[], env: Env = {}, input?: string): Promise<Result> {
    return inTurn(() => this.start(['bin/latchkey.js', ...words], env, input).ended);
  }

  /** Starts a server, and waits until it says that it answers; with APP_URL its own address is another than what it says. */
  async serve(env: Env): Promise<Served> {
    const port = env.PORT ?? (env.APP_URL === undefined ? '0' : String(await freePort()));
    const started = this.start(['bin/latchkey.js', 'serve'], { ...env, PORT: port });
    const url = await started.says(/Latchkey answers at (\S+)\n/);
    return new Served(started, env.APP_URL === undefined ? url : `http://127.0.0.1:${port}/graphql`);
  }

  /** Kills whatever still runs and deletes the folder. */
  async remove(): Promise<void> {
    await this.killAll();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.started].map((process) => process.end('SIGKILL')));
  }

  private start(words: readonly string[], env: Env = {}, input?: string): Started {
    // Only what is said here: neither the database of this test run nor the settings of the shell around it.
    const { PATH = '', HOME = '', TMPDIR } = process.env;
    const child = spawn(process.execPath, words, {
      cwd: this.folder,
      env: {
        PATH,
        HOME,
        ...(TMPDIR === undefined ? {} : { TMPDIR }),
        NODE_COMPILE_CACHE: join(this.folder, 'compiled'),
        ...env,
      },
      stdio: 'pipe',
    });
    // A program that refuses its arguments has gone before it reads anything.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
    const started = new Started(child);
    this.started.add(started);
    void started.ended.then(() => this.started.delete(started));
    return started;
  }
}

/** A process and what it has written so far. */
class Started {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Result>;

  constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code ?? signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Waits for a line on standard output and returns what its group matched; throws when the process ends first. */
  async says(pattern: RegExp): Promise<string> {
    let result: Result | undefined;
    void this.ended.then((value) => {
      result = value;
    });
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) {
        return match[1] ?? '';
      }
      if (result !== undefined) {
        throw new Error(`The process has ended: ${JSON.stringify(result)}`);
      }
      await Promise.race([this.ended, once(this.child.stdout as NodeJS.ReadableStream, 'data')]);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  end(signal: NodeJS.Signals): Promise<Result> {
    this.signal(signal);
    return this.ended;
  }
}

/** A server that answers. */
export class Served {
  constructor(
    private readonly process: Started,
    readonly url: string,
  ) {}

  get stdout(): string {
    return this.process.stdout;
  }

  get stderr(): string {
    return this.process.stderr;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** How the process ended, once it has. */
  get ended(): Promise<Result> {
    return this.process.ended;
  }

  /** Sends a signal and goes on at once. */
  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  end(signal: NodeJS.Signals): Promise<Result> {
    return this.process.end(signal);
  }

  /** Sends a document, as a browser would from the server's own pages. */
  async ask(query: string, headers: Env = {}): Promise<Answer> {
    return readAnswer(
      await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
        body: JSON.stringify({ query }),
      }),
    );
  }

  /** Signs in and returns the headers of the session; throws the answer's code when that is refused. */
  async signIn(email: string, password: string): Promise<{ cookie: string }> {
    const answer = await this.ask(
      `mutation { login(email: ${JSON.stringify(email)}, password: ${JSON.stringify(password)}) { kind } }`,
    );
    const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
    if (answer.codes.length > 0 || cookie === '') {
      throw new Error(answer.codes.join() || 'no cookie');
    }
    return { cookie };
  }
}

/** The request that a printed `curl` line makes, read by a shell as it would be when pasted. */
export function requestOf(line: string): Request {
  const words = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: 'utf8' }).split(
    '\0',
  );
  words.pop();
  const headers = new Headers();
  let url = '';
  let body: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-H') {
      const [name = '', value = ''] = words.shift()?.split(/: ?/) ?? [];
      headers.set(name, value);
    } else if (word === '-d') {
      body = words.shift();
    } else if (word === '-c') {
      words.shift();
    } else if (word !== '-s') {
      if (word.startsWith('-') || url !== '') {
        throw new Error(`What does curl do with ${word}?`);
      }
      url = word;
    }
  }
  return new Request(url, { method: body === undefined ? 'GET' : 'POST', headers, body });
}
