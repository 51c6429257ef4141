import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../bench/free-port.js';

/** An nginx of a test's own, with the configuration of `deploy/nginx.conf`. */
export class Nginx {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    /** Where it listens. */
    readonly origin: string,
  ) {}

  /** Starts one in front of two instances, each `host:port`. */
  static async start(port: number, instances: readonly [string, string]): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-nginx-'));
    const values: Readonly<Record<string, string>> = {
      LISTEN: `127.0.0.1:${port}`,
      INSTANCE_A: instances[0],
      INSTANCE_B: instances[1],
    };
    const site = readFileSync('deploy/nginx.conf', 'utf8').replace(/\$\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name];
      if (value === undefined) {
        throw new Error(`deploy/nginx.conf has a placeholder ${name} that nobody fills in.`);
      }
      return value;
    });
    writeFileSync(join(folder, 'site.conf'), site);
    mkdirSync(join(folder, 'temp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${join(folder, 'temp', name)};`,
    );
    writeFileSync(
      join(folder, 'nginx.conf'),
      [
        ...(process.getuid?.() === 0 ? ['user root;'] : []),
        'daemon off;',
        'worker_processes 1;',
        `pid ${join(folder, 'nginx.pid')};`,
        `error_log ${join(folder, 'error.log')} warn;`,
        'events { worker_connections 1024; }',
        `http { access_log off; ${temporary.join(' ')} include ${join(folder, 'site.conf')}; }`,
      ].join('\n'),
    );
    const words = ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-p', folder];
    execFileSync(program(), [...words, '-t'], { stdio: 'pipe' });
    const child = spawn(program(), words, { stdio: 'ignore' });
    const nginx = new Nginx(folder, child, `http://127.0.0.1:${port}`);
    for (const deadline = Date.now() + 10_000; !(await nginx.#listens()); await sleep(20)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        const log = nginx.log;
        await nginx.stop();
        throw new Error(`nginx did not start.\n${log}`);
      }
    }
    return nginx;
  }

  get log(): string {
    const path = join(this.folder, 'error.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #listens(): Promise<boolean> {
    try {
      await fetch(this.origin, { method: 'HEAD' });
      return true;
    } catch {
      return false;
    }
  }
}

/** Debian keeps it where only root looks. */
function program(): string {
  const found = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find(existsSync);
  if (found === undefined) {
    throw new Error('These tests need nginx: `apt-get install nginx-light`.');
  }
  return found;
}

/** The address of a port on this machine that is free. */
export async function freeAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}
