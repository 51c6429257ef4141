import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../cluster.js';
import { Latchkey, type Served } from '../program.js';

const administrator = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };

/** What a client sends to show who it is. */
type Credential = Readonly<Record<string, string>>;

let cluster: Cluster;
let latchkey: Latchkey;
let databaseUrl: string;
let server: Served;
let session: { cookie: string };

beforeAll(async () => {
  cluster = await Cluster.start();
  // Every segment of the log is kept beside the cluster, as an archive would keep it.
  const archive = join(cluster.directory, 'archive');
  cluster.as('mkdir', [archive]);
  await cluster.query('alter system set archive_mode = on');
  await cluster.query(`alter system set archive_command = 'cp %p ${archive}/%f'`);
  await cluster.down();
  await cluster.up();
  databaseUrl = await cluster.createDatabase();
  latchkey = await Latchkey.build();
  server = await serve(databaseUrl);
  session = await server.signIn(administrator.ADMIN_EMAIL, administrator.ADMIN_PASSWORD);
  await server.ask('mutation { updateApiSettings(enabled: true) { enabled } }', session);
  await server.ask('mutation { createPost(title: "Kept", body: "b", published: true) { id } }', session);
});

afterAll(async () => {
  await latchkey?.remove();
  cluster?.remove();
});

/** The programs of a backup hold this process up, which hears only afterwards that a server has closed an idle connection. */
const listen = () => sleep(50);

const serve = (url: string) => latchkey.serve({ ...administrator, LOG_LEVEL: 'error', DATABASE_URL: url });

async function newToken(name: string): Promise<Credential & { id: string }> {
  await listen();
  const { data } = await server.ask(
    `mutation { createApiToken(name: "${name}", abilities: ["read"]) { plainTextToken apiToken { id } } }`,
    session,
  );
  const { plainTextToken, apiToken } = data.createApiToken;
  return { authorization: `Bearer ${plainTextToken}`, id: apiToken.id };
}

/** `TOKEN`, `SESSION`, `GUEST` or the code of a refusal. */
async function kindOf(at: Served, { authorization, cookie }: Credential): Promise<string> {
  await listen();
  const headers = { ...(authorization && { authorization }), ...(cookie && { cookie }) };
  const { data, codes } = await at.ask('{ viewer { kind } }', headers);
  return data?.viewer.kind ?? codes.join();
}

/** Whether the last use of a token is written. */
async function isUsed(name: string): Promise<boolean> {
  const statement = 'select 1 from api_tokens where name = $1 and last_used_at is not null';
  return (await cluster.query(statement, [name], databaseUrl)).length > 0;
}

/** Every table with its number of rows and a digest of them. */
async function contents(at: Cluster, url: string): Promise<unknown> {
  const tables = await at.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    [],
    url,
  );
  expect(tables.length).toBeGreaterThan(5);
  return Promise.all(
    tables.map(async ({ name }) => [
      name,
      await at.query(`select count(*)::int, md5(string_agg(t::text, '|' order by t::text)) from ${name} t`, [], url),
    ]),
  );
}

describe('R14 a backup', () => {
  test('R14 of pg_dump, restored: the same rows, and credentials that are good', async () => {
    const token = await newToken('Dumped');
    expect(await kindOf(server, token)).toBe('TOKEN');
    // The last use is written a moment after the answer, and must not come between the two looks at the rows.
    while (!(await isUsed('Dumped'))) {
      await sleep(20);
    }
    const file = join(cluster.directory, 'latchkey.dump');
    cluster.run('pg_dump', ['--format=custom', `--file=${file}`, databaseUrl]);
    const url = await cluster.createDatabase();
    cluster.run('pg_restore', ['--clean', '--if-exists', '--single-transaction', `--dbname=${url}`, file]);
    expect(await contents(cluster, url)).toEqual(await contents(cluster, databaseUrl));

    const restored = await serve(url);
    expect(await kindOf(restored, token)).toBe('TOKEN');
    expect(await kindOf(restored, session)).toBe('SESSION');
    // As the manual wants it before the server is used.
    await cluster.query('delete from sessions', [], url);
    await cluster.query('update api_settings set enabled = false', [], url);
    expect(await kindOf(restored, token)).toBe('API_DISABLED');
    expect(await kindOf(restored, session)).toBe('GUEST');
    expect(await kindOf(server, token)).toBe('TOKEN');
    await restored.end('SIGTERM');
  });

  test('R14 of files and log, restored to a moment: a token of before is good, one of after is unknown', async () => {
    const base = join(cluster.directory, 'base');
    cluster.run('pg_basebackup', ['-D', base, '-d', cluster.url(), '--checkpoint=fast']);
    expect(cluster.run('pg_verifybackup', [base])).toContain('successfully verified');
    const before = await newToken('Before');
    const revoked = await newToken('Revoked afterwards');
    await sleep(50);
    const [{ moment = '' } = {}] = await cluster.query<{ moment: string }>('select clock_timestamp()::text as moment');
    await sleep(50);
    const after = await newToken('After');
    await server.ask(`mutation { deleteApiToken(id: "${revoked.id}") }`, session);
    expect(await Promise.all([before, revoked, after].map((one) => kindOf(server, one)))).toEqual([
      'TOKEN',
      'UNAUTHENTICATED',
      'TOKEN',
    ]);
    await archived();

    const restored = await Cluster.start(
      {
        archive_mode: 'off',
        restore_command: `'cp ${join(cluster.directory, 'archive')}/%f %p'`,
        recovery_target_time: `'${moment}'`,
        recovery_target_action: 'promote',
      },
      (fresh) => {
        execFileSync('cp', ['-a', base, fresh.data]);
        writeFileSync(join(fresh.data, 'recovery.signal'), '');
      },
    );
    try {
      while ((await restored.query<{ busy: boolean }>('select pg_is_in_recovery() as busy'))[0]?.busy) {
        await sleep(100);
      }
      const url = restored.url(databaseUrl.split('/').at(-1));
      const again = await serve(url);
      expect(await kindOf(again, before)).toBe('TOKEN');
      expect(await kindOf(again, after)).toBe('UNAUTHENTICATED');
      // A restored database has forgotten what was revoked since: the manual says so.
      expect(await kindOf(again, revoked)).toBe('TOKEN');
      expect(await kindOf(again, session)).toBe('SESSION');
      expect(restored.run('pg_amcheck', ['--install-missing', '--heapallindexed', url])).toBe('');
      await again.end('SIGTERM');
    } finally {
      await latchkey.killAll();
      restored.remove();
    }
  });
});

/** Waits until everything that is written now lies in the archive. */
async function archived(): Promise<void> {
  const [{ segment = '' } = {}] = await cluster.query<{ segment: string }>(
    'select pg_walfile_name(pg_switch_wal()) as segment',
  );
  for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
    const [{ last = '' } = {}] = await cluster.query<{ last: string | null }>(
      'select last_archived_wal as last from pg_stat_archiver',
    );
    if ((last ?? '') >= segment) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`${segment} was not archived.`);
    }
  }
}
