import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { socketDirectory, socketPath } from '../../src/database/embedded.js';
import { newDatabase, readAnswer } from '../helper.js';
import { Latchkey, requestOf, type Served } from '../program.js';

/** A stop that was asked for takes no longer than this; one that hangs is ended by force after ten seconds. */
const promptMs = 5_000;

/** Node writes its compile cache after the server has ended, which takes seconds on a busy machine and is not the server's time. */
const timed = { NODE_DISABLE_COMPILE_CACHE: '1' };

const operator = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'what only the operator knows' };

// Dozens of processes, on a machine that may be busy with other tests.
jest.setTimeout(120_000);

let latchkey: Latchkey;

beforeAll(async () => {
  latchkey = await Latchkey.build();
});

afterAll(() => latchkey?.remove());

/** What the first start says of the account that it made. */
function printed(stdout: string): { email: string; password: string } {
  const [, email = '', password = ''] =
    /^ {2}Administrator {2}(\S+)\n {2}Password {7}(\S+) {3}\(shown only this once\)$/m.exec(stdout) ?? [];
  return { email, password };
}

const curlLines = (stdout: string) => stdout.split('\n').filter((line) => line.includes('curl'));

async function titles(server: Served, headers: { cookie: string }): Promise<string[]> {
  const { data } = await server.ask('{ posts(first: 100) { nodes { title } } }', headers);
  return data.posts.nodes.map((post: { title: string }) => post.title);
}

/** Sends a signal and says how the server ended and how long it took. */
async function ended(server: Served, signal: NodeJS.Signals) {
  const since = Date.now();
  const { code, stderr } = await server.end(signal);
  return { code, stderr, prompt: Date.now() - since < promptMs };
}

describe('a server on the embedded database', () => {
  let env: { DATA_DIR: string };
  let first: Served;
  let account: { email: string; password: string };
  let now: Served;

  beforeAll(async () => {
    env = { DATA_DIR: latchkey.newDataDir(), ...timed };
    first = await latchkey.serve(env);
    now = first;
    account = printed(first.stdout);
  });

  afterAll(() => latchkey.killAll());

  test('says at its first start where it answers, who administers it, and lines that work when pasted', async () => {
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(account).toEqual({ email: 'admin@example.com', password: expect.stringMatching(/^.{20,}$/) });

    const lines = curlLines(first.stdout);
    expect(lines).toHaveLength(2);
    const [question = '', login = ''] = lines;
    const answer = await readAnswer(await fetch(requestOf(question)));
    expect([answer.status, answer.data]).toEqual([200, { viewer: { kind: 'GUEST' }, apiSettings: { enabled: false } }]);
    expect(answer.cost).toMatchObject({ requested: 3, limit: 60_000, remaining: 59_997 });
    const signedIn = await readAnswer(await fetch(requestOf(login)));
    expect([signedIn.status, signedIn.data]).toEqual([
      200,
      { login: { kind: 'SESSION', user: { name: 'Administrator' } } },
    ]);
    expect(signedIn.headers.getSetCookie()).toHaveLength(1);
  });

  test('begins with three accounts, one of them an administrator, and twenty posts, some of them drafts', async () => {
    const { stdout } = await latchkey.run(['user', 'list', '--json'], env);
    const users: { email: string; isAdministrator: boolean }[] = JSON.parse(stdout);
    expect(users).toHaveLength(3);
    expect(users.filter((user) => user.isAdministrator).map((user) => user.email)).toEqual([account.email]);

    const session = await now.signIn(account.email, account.password);
    const { data } = await now.ask('{ posts(first: 100) { nodes { published author { email } } } }', session);
    const posts: { published: boolean; author: { email: string } }[] = data.posts.nodes;
    expect(posts).toHaveLength(20);
    expect(new Set(posts.map((post) => post.author.email))).toEqual(new Set(users.map((user) => user.email)));
    const drafts = posts.filter((post) => !post.published);
    expect(drafts.length).toBeGreaterThanOrEqual(2);
    expect(drafts.length).toBeLessThanOrEqual(10);
  });

  test('keeps its directory to itself: a second server is refused and the first goes on', async () => {
    expect(await latchkey.run(['serve'], { PORT: '0', ...env })).toEqual({
      code: 1,
      stdout: '',
      stderr: `Another Latchkey server is running on ${env.DATA_DIR}: stop it, or give this one a DATA_DIR of its own.\n`,
    });
    expect((await now.ask('{ viewer { kind } }')).data).toEqual({ viewer: { kind: 'GUEST' } });
  });

  test('R6 ends on SIGTERM and keeps its data, and the next start shows no password', async () => {
    const session = await now.signIn(account.email, account.password);
    await now.ask('mutation { createPost(title: "Kept", body: "Over the night.") { id } }', session);
    expect(await ended(now, 'SIGTERM')).toEqual({ code: 0, stderr: '', prompt: true });

    now = await latchkey.serve(env);
    expect(now.stdout).not.toContain(account.password);
    expect(now.stdout).not.toMatch(/password/i);
    expect(curlLines(now.stdout)).toHaveLength(1);
    const [title, ...others] = await titles(now, session);
    expect([title, others.length]).toEqual(['Kept', 20]);
    await now.signIn(account.email, account.password);
  });

  test('R7 starts again at once after it was killed, with all that it had answered, and ends on Ctrl-C', async () => {
    const session = await now.signIn(account.email, account.password);
    await now.ask('mutation { createPost(title: "Answered", body: "A moment before.") { id } }', session);
    expect((await now.end('SIGKILL')).code).toBe('SIGKILL');
    // What a killed server leaves behind must not be taken for a server.
    expect(existsSync(socketPath(socketDirectory(env.DATA_DIR)))).toBe(true);

    now = await latchkey.serve(env);
    expect((await titles(now, session))[0]).toBe('Answered');
    expect(await ended(now, 'SIGINT')).toEqual({ code: 0, stderr: '', prompt: true });
  });
});

describe('a server that is told its administrator', () => {
  afterEach(() => latchkey.killAll());

  test('makes that account the administrator, and prints its password nowhere', async () => {
    const env = { DATA_DIR: latchkey.newDataDir(), ...operator };
    const server = await latchkey.serve(env);
    expect(server.stdout).toContain(operator.ADMIN_EMAIL);
    expect(server.stdout).toContain('that of ADMIN_PASSWORD');
    expect(server.stdout).not.toContain(operator.ADMIN_PASSWORD);

    const session = await server.signIn(operator.ADMIN_EMAIL, operator.ADMIN_PASSWORD);
    const { data } = await server.ask('{ apiSettings { maximumTokenLifetimeDays } }', session);
    expect(data).toEqual({ apiSettings: { maximumTokenLifetimeDays: null } });
    const users: { email: string; isAdministrator: boolean }[] = JSON.parse(
      (await latchkey.run(['user', 'list', '--json'], env)).stdout,
    );
    expect(users.filter((user) => user.isAdministrator).map((user) => user.email)).toEqual([operator.ADMIN_EMAIL]);
    await server.end('SIGTERM');

    // Later starts may name another one, but raise nobody who has an account already.
    const [{ email: ordinary } = { email: '' }] = users.filter((user) => !user.isAdministrator);
    const next = await latchkey.serve({ ...env, ADMIN_EMAIL: ordinary });
    expect(next.stdout).toContain(`The account ${ordinary} of ADMIN_EMAIL is no administrator and was left so.`);
    await expect(next.signIn(ordinary, operator.ADMIN_PASSWORD)).rejects.toThrow('UNAUTHENTICATED');
    await next.end('SIGTERM');

    const third = await latchkey.serve({ ...env, ADMIN_EMAIL: 'second@example.com' });
    expect(third.stdout).toContain('second@example.com is the administrator, with the password of ADMIN_PASSWORD.');
    await third.signIn('second@example.com', operator.ADMIN_PASSWORD);
  });
});

describe('a server that other machines reach', () => {
  afterEach(() => latchkey.killAll());

  test('E5: says that guests may read its schema, unless it is in production', async () => {
    const env = { DATA_DIR: latchkey.newDataDir(), HOST: '0.0.0.0' };
    const open = await latchkey.serve(env);
    expect(open.stdout).toContain('Other machines reach this server at 0.0.0.0, and guests may read its schema.');
    expect((await open.ask('{ __schema { queryType { name } } }')).data.__schema.queryType.name).toBe('Query');
    await open.end('SIGTERM');

    const closed = await latchkey.serve({ ...env, NODE_ENV: 'production' });
    expect(closed.stdout).not.toContain('Other machines');
    const { data, errors } = await closed.ask('{ __schema { queryType { name } } }');
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('R17 a start that cannot be', () => {
  /** Making a cluster takes long, so those that come so far share one. */
  let env: { DATA_DIR: string };

  beforeAll(() => {
    env = { DATA_DIR: latchkey.newDataDir() };
  });
  afterEach(() => latchkey.killAll());

  test.each<[string, Record<string, string>, string]>([
    [
      'an administrator without a password',
      { ADMIN_EMAIL: operator.ADMIN_EMAIL },
      'ADMIN_EMAIL is set without ADMIN_PASSWORD: set both or neither.\n',
    ],
    [
      'a password without an administrator',
      { ADMIN_PASSWORD: operator.ADMIN_PASSWORD },
      'ADMIN_PASSWORD is set without ADMIN_EMAIL: set both or neither.\n',
    ],
    [
      'a short password and a port that is none',
      { ...operator, ADMIN_PASSWORD: 'hasty', PORT: '70000' },
      'PORT must be at most 65535.\nADMIN_PASSWORD must have at least 8 characters.\n',
    ],
    [
      'another kind of database',
      { DATABASE_URL: 'mysql://app:a-secret@db/app' },
      'DATABASE_URL must start with postgres:// or postgresql://.\n',
    ],
  ])('%s: exit code 1 and a sentence without the value', async (_name, bad, sentence) => {
    const dataDir = latchkey.newDataDir();
    expect(await latchkey.run(['serve'], { PORT: '0', DATA_DIR: dataDir, ...bad })).toEqual({
      code: 1,
      stdout: '',
      stderr: sentence,
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test('a PostgreSQL that does not answer: exit code 1 and a sentence without the password', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(
      await latchkey.run(['serve'], { PORT: '0', DATABASE_URL: `postgres://app:a-secret@127.0.0.1:${port}/app` }),
    ).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The database cannot be reached (ECONNREFUSED): check that it runs, and DATABASE_URL.\n',
    });
  });

  test('an administrator whose password is the address leaves an empty database', async () => {
    const address = 'a-long-address@example.com';
    const refused = await latchkey.run(['serve'], { PORT: '0', ...env, ADMIN_EMAIL: address, ADMIN_PASSWORD: address });
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ADMIN_EMAIL and ADMIN_PASSWORD make no account: password: must not be the e-mail address.\n',
    });
    expect((await latchkey.run(['user', 'list', '--json'], env)).stdout).toBe('[]\n');
  });

  test('a port in use is named, and the password that was printed is good for the next start', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    try {
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const refused = await latchkey.run(['serve'], { ...env, PORT: String(port) });
      expect([refused.code, refused.stderr]).toEqual([
        1,
        `Port ${port} is in use: stop what listens there, or choose another PORT.\n`,
      ]);
      expect(refused.stdout).not.toContain('Latchkey answers');
      const { email, password } = printed(refused.stdout);
      const server = await latchkey.serve(env);
      expect(server.stdout).not.toContain(password);
      await server.signIn(email, password);
    } finally {
      other.close();
    }
  });

  test('a field whose guard was removed is named', async () => {
    const unguarded = await Latchkey.build({
      path: 'src/posts/post.resolver.ts',
      change: (source) => source.replace(/^ *@Guard\(tokenCan\('post:update'\).*\n/m, ''),
    });
    try {
      const { code, stdout, stderr } = await unguarded.run(['serve'], { PORT: '0', DATA_DIR: unguarded.newDataDir() });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('Mutation.updatePost');
      expect(stderr).not.toContain('Mutation.deletePost');
      expect(stderr).not.toMatch(/^\s+at /m);
    } finally {
      await unguarded.remove();
    }
  });
});

const describeOnPostgres = process.env.DATABASE_URL ? describe : describe.skip;

// The embedded database is for one process; these need the server that DATABASE_URL names.
describeOnPostgres('servers on PostgreSQL', () => {
  afterEach(() => latchkey.killAll());

  test('start together on an empty database, seed nothing, and take their administrator from the environment', async () => {
    const { url = '', drop } = await newDatabase();
    try {
      const env = { DATABASE_URL: url, ...operator, ...timed };
      const servers = await Promise.all([latchkey.serve(env), latchkey.serve(env)]);
      const note = `${operator.ADMIN_EMAIL} is the administrator, with the password of ADMIN_PASSWORD.`;
      expect(servers.filter((server) => server.stdout.includes(note))).toHaveLength(1);
      const users = JSON.parse((await latchkey.run(['user', 'list', '--json'], env)).stdout);
      expect(users).toEqual([expect.objectContaining({ email: operator.ADMIN_EMAIL, isAdministrator: true })]);
      for (const server of servers) {
        expect(server.stdout).not.toContain('The database was empty');
        expect(server.stdout).not.toContain(operator.ADMIN_PASSWORD);
        const session = await server.signIn(operator.ADMIN_EMAIL, operator.ADMIN_PASSWORD);
        expect(await titles(server, session)).toEqual([]);
        expect(await ended(server, 'SIGTERM')).toEqual({ code: 0, stderr: '', prompt: true });
      }

      const alone = await latchkey.serve({ DATABASE_URL: url });
      expect(alone.stdout).not.toContain('no administrator');
      expect((await latchkey.run(['migrate'], { DATABASE_URL: url })).stdout).toBe('The tables are up to date.\n');
      expect((await latchkey.run(['user', 'demote', operator.ADMIN_EMAIL], { DATABASE_URL: url })).stderr).toContain(
        'No administrator is left.',
      );
      await alone.end('SIGTERM');
      expect((await latchkey.serve({ DATABASE_URL: url })).stdout).toContain('There is no administrator. To make one:');
    } finally {
      await latchkey.killAll();
      await drop();
    }
  });
});
