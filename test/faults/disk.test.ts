import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unprivileged } from '../../bench/postgresql.js';
import { Cluster } from '../cluster.js';
import { Latchkey } from '../program.js';
import { Deployment } from './deployment.js';
import { suffer } from './fault.js';

/** A file system of its own that is soon full; undefined where this process may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
    const { uid, gid } = unprivileged();
    if (uid !== undefined) {
      chownSync(folder, uid, gid ?? uid);
    }
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

const disk = smallDisk(24);
const describeOnDisk = disk === undefined ? describe.skip : describe;

describeOnDisk('R9 a disk that is full (only where a file system may be mounted)', () => {
  let cluster: Cluster;
  let latchkey: Latchkey;
  let deployment: Deployment;
  let databaseUrl: string;

  beforeAll(async () => {
    cluster = await Cluster.start({ max_connections: 60 });
    databaseUrl = await cluster.createDatabase();
    // The tables lie on the small disk, the log of the database does not.
    await cluster.query(`create tablespace small location '${disk}'`);
    await cluster.query(`alter database ${databaseUrl.split('/').at(-1)} set tablespace small`);
    latchkey = await Latchkey.build();
    deployment = await Deployment.start(latchkey, databaseUrl);
  });

  afterAll(async () => {
    await deployment?.stop();
    await latchkey?.remove();
    cluster?.remove();
    execFileSync('umount', ['-l', disk ?? '']);
    rmSync(disk ?? '', { recursive: true, force: true });
  });

  test('R9 writes are told to come again and reads go on, until there is room', async () => {
    const { attempts } = await suffer('the disk full for 2 s', { cluster, deployment, databaseUrl }, async () => {
      const ballast = join(disk ?? '', 'ballast');
      cluster.as('sh', ['-c', 'cat /dev/zero >"$0" 2>/dev/null || true', ballast]);
      await sleep(2_000);
      rmSync(ballast);
      return Date.now();
    });
    const refused = attempts.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ kind }) => kind)).has('read')).toBe(false);
  });
});
