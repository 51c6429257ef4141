import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { buildSchema, isObjectType } from 'graphql';
import pg from 'pg';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { socketDirectory } from '../../src/database/embedded.js';
import { newDatabase } from '../helper.js';
import { Latchkey, type Result, type Served } from '../program.js';

const administrator = { email: 'root@example.com', password: 'what only the operator knows' };
const generated = /^[2-9a-z]{5}(-[2-9a-z]{5}){3}\n$/;

// Dozens of processes, on a machine that may be busy with other tests.
jest.setTimeout(120_000);

let latchkey: Latchkey;
let env: Place;
const drops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  latchkey = await Latchkey.build();
  env = await newPlace();
});

afterAll(async () => {
  await latchkey?.remove();
  await Promise.all(drops.map((drop) => drop()));
});

/** What tells the program where its database is. */
type Place = { readonly DATA_DIR: string } | { readonly DATABASE_URL: string };

/** A directory for the embedded database, or a new database beside the one in DATABASE_URL. */
async function newPlace(): Promise<Place> {
  const { url, drop } = await newDatabase();
  drops.push(drop);
  return url === undefined ? { DATA_DIR: latchkey.newDataDir() } : { DATABASE_URL: url };
}

const run = (words: readonly string[], input?: string): Promise<Result> => latchkey.run(words, env, input);

/** Runs a command that must succeed without a remark; returns what it printed. */
async function output(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return stdout;
}

/** Makes a token; returns its text and its id. */
async function newToken(email: string, abilities: string, ...options: string[]) {
  const words = ['token', 'create', '--user', email, '--name', 'Test', '--abilities', abilities, ...options];
  const { code, stdout, stderr } = await run(words);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^lk_\S+\n$/)]);
  return { text: stdout.trim(), id: /^(token_\w+) of /.exec(stderr)?.[1] ?? '', stderr };
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

/** Asks the database of the running server; the embedded one lets every client of PostgreSQL in. */
async function sql(statement: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(
    'DATABASE_URL' in env
      ? env.DATABASE_URL
      : { host: socketDirectory(env.DATA_DIR), user: 'postgres', database: 'postgres' },
  );
  await client.connect();
  try {
    return (await client.query(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** Everyone, by address, as the list for scripts shows them. */
async function users(): Promise<Record<string, Record<string, unknown>>> {
  const list: { email: string }[] = JSON.parse(await output('user', 'list', '--json'));
  return Object.fromEntries(list.map((user) => [user.email, user]));
}

describe('while the server runs', () => {
  let server: Served;

  beforeAll(async () => {
    const operator = { ADMIN_EMAIL: administrator.email, ADMIN_PASSWORD: administrator.password };
    if ('DATABASE_URL' in env) {
      // Where nothing is seeded by itself.
      await latchkey.run(['seed'], { ...env, ...operator });
    }
    server = await latchkey.serve({ ...env, ...operator });
  });

  afterAll(() => latchkey.killAll());

  test('user create makes an account whose password is printed once, alone on standard output', async () => {
    const { code, stdout, stderr } = await run(['user', 'create', '--email', 'Lin@Example.com', '--name', 'Lin']);
    expect([code, stdout, stderr]).toEqual([
      0,
      expect.stringMatching(generated),
      'lin@example.com has an account.\nThe password, shown only this once:\n',
    ]);
    const session = await server.signIn('lin@example.com', stdout.trim());
    expect((await server.ask('{ viewer { user { name } } }', session)).data.viewer.user.name).toBe('Lin');

    const list = await output('user', 'list', '--json');
    expect(list).not.toContain(stdout.trim());
    expect(list).not.toContain('argon2');
    expect((await users())['lin@example.com']).toEqual({
      id: expect.stringMatching(/^user_/),
      email: 'lin@example.com',
      name: 'Lin',
      isAdministrator: false,
      disabledAt: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(await output('user', 'list')).toMatch(/^lin@example\.com +Lin +user +- +\d{4}-/m);
  });

  test('user create and user password take a password from standard input and print none', async () => {
    const words = ['user', 'create', '--admin', '--email', 'kay@example.com', '--name', 'Kay', '--password-stdin'];
    expect(await run(words, 'the first pass phrase\n')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'kay@example.com has an account and is an administrator.\n',
    });
    const session = await server.signIn('kay@example.com', 'the first pass phrase');
    expect((await users())['kay@example.com']).toMatchObject({ isAdministrator: true });

    expect(await run(['user', 'password', 'kay@example.com', '--password-stdin'], 'the second pass phrase')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'kay@example.com has another password, and one session ended.\n',
    });
    expect((await server.ask('{ posts { nodes { id } } }', session)).codes).toEqual(['UNAUTHENTICATED']);
    await expect(server.signIn('kay@example.com', 'the first pass phrase')).rejects.toThrow('UNAUTHENTICATED');
    await server.signIn('kay@example.com', 'the second pass phrase');
  });

  test('user promote, demote, disable and enable hold on the next request', async () => {
    const { stdout } = await run(['user', 'create', '--email', 'mo@example.com', '--name', 'Mo']);
    const [email, password] = ['mo@example.com', stdout.trim()];
    const settings = '{ apiSettings { maximumTokenLifetimeDays } }';
    expect((await server.ask(settings, await server.signIn(email, password))).codes).toEqual(['FORBIDDEN']);

    expect(await output('user', 'promote', 'MO@example.com')).toBe(
      'mo@example.com is an administrator now, and one session ended.\n',
    );
    expect(await output('user', 'promote', email)).toBe('mo@example.com is an administrator already.\n');
    const session = await server.signIn(email, password);
    expect((await server.ask(settings, session)).codes).toEqual([]);

    expect(await output('user', 'demote', email)).toMatch(/^mo@example\.com is an ordinary user now, and one session/);
    expect((await server.ask(settings, session)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await server.ask(settings, await server.signIn(email, password))).codes).toEqual(['FORBIDDEN']);

    expect(await output('user', 'disable', email)).toMatch(/^mo@example\.com is disabled now, and one session ended/);
    await expect(server.signIn(email, password)).rejects.toThrow('UNAUTHENTICATED');
    expect((await run(['token', 'create', '--user', email, '--name', 'x', '--abilities', 'read'])).stderr).toBe(
      'mo@example.com is disabled, and so would be the token: enable the account first.\n',
    );
    expect(await output('user', 'enable', email)).toBe('mo@example.com is enabled now.\n');
    await server.signIn(email, password);
  });

  test('token create prints a token alone that works once the API is on, until token revoke', async () => {
    await output('settings', 'set', '--enabled', 'off');
    const all = await newToken('ada@example.com', '*');
    expect(all.stderr).toContain('The API for tokens is off.');
    const query = '{ viewer { kind user { name } tokenCan(ability: "post:delete") } }';
    expect((await server.ask(query, bearer(all.text))).codes).toEqual(['API_DISABLED']);

    expect(await output('settings', 'set', '--enabled', 'on')).toMatch(/^enabled +on$/m);
    expect((await server.ask(query, bearer(all.text))).data).toEqual({
      viewer: { kind: 'TOKEN', user: { name: 'Ada' }, tokenCan: true },
    });
    const few = await newToken('ada@example.com', 'post:read, user:read', '--expires', '30d');
    expect(few.stderr).not.toContain('is off');
    expect((await server.ask('mutation { createPost(title: "T", body: "B") { id } }', bearer(few.text))).codes).toEqual(
      ['INSUFFICIENT_ABILITIES'],
    );

    const list = await output('token', 'list', '--user', 'ada@example.com', '--json');
    expect(JSON.parse(list)).toEqual([
      expect.objectContaining({ id: all.id, user: 'ada@example.com', abilities: ['*'], expiresAt: null }),
      expect.objectContaining({ id: few.id, name: 'Test', abilities: ['post:read', 'user:read'] }),
    ]);
    const inThirtyDays = Date.now() + 30 * 86_400_000;
    expect(Math.abs(Date.parse(JSON.parse(list)[1].expiresAt) - inThirtyDays)).toBeLessThan(120_000);
    for (const { text } of [all, few]) {
      expect(list).not.toContain(text.slice(-20));
      expect(await output('tokens', 'list')).not.toContain(text.slice(-20));
    }

    expect(await output('token', 'revoke', all.id)).toBe(`${all.id} is revoked.\n`);
    expect((await server.ask(query, bearer(all.text))).status).toBe(401);
    expect((await server.ask(query, bearer(few.text))).status).toBe(200);
  });

  test('token prune deletes what has been expired for so many hours, and nothing else', async () => {
    const [day, hour, good] = await Promise.all(
      ['90d', '90d', '90d'].map((span) => newToken('grace@example.com', 'read', '--expires', span)),
    );
    const age = (hours: number, id = '') =>
      sql('update api_tokens set expires_at = now() - make_interval(hours => $2) where id = $1 returning id', [
        apiTokenId.decode(id),
        hours,
      ]);
    expect([await age(25, day?.id), await age(3, hour?.id)]).toEqual([[expect.anything()], [expect.anything()]]);
    const left = async () =>
      JSON.parse(await output('token', 'list', '--user', 'grace@example.com', '--json')).map(
        (token: { id: string }) => token.id,
      );
    expect(await output('token', 'prune')).toBe('One token deleted.\n');
    expect((await left()).sort()).toEqual([hour?.id, good?.id].sort());
    expect(await output('tokens', 'prune', '--hours', '4')).toBe('0 tokens deleted.\n');
    expect(await output('token', 'prune', '--hours', '2')).toBe('One token deleted.\n');
    expect(await left()).toEqual([good?.id]);
  });

  test('settings set holds on the next request, and settings get shows it', async () => {
    const session = await server.signIn(administrator.email, administrator.password);
    const query = '{ apiSettings { enabled defaultAbilities maximumTokenLifetimeDays } }';
    const limits = ['--default-abilities', 'post:read,user:read', '--maximum-token-lifetime-days', '90'];
    await output('settings', 'set', '--enabled', 'on', ...limits);
    const changed = { enabled: true, defaultAbilities: ['post:read', 'user:read'], maximumTokenLifetimeDays: 90 };
    expect((await server.ask(query, session)).data.apiSettings).toEqual(changed);
    expect(JSON.parse(await output('settings', 'get', '--json'))).toEqual({
      ...changed,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(
      (
        await run([
          'token',
          'create',
          '--user',
          'ada@example.com',
          '--name',
          'x',
          '--abilities',
          'read',
          '--expires',
          '91d',
        ])
      ).stderr,
    ).toBe('expiresAt: must be at most 90 days from now.\n');

    await output('settings', 'set', '--maximum-token-lifetime-days', 'none');
    expect((await server.ask(query, session)).data.apiSettings).toEqual({ ...changed, maximumTokenLifetimeDays: null });
    expect(await output('settings', 'get')).toBe(
      'enabled                      on\ndefault abilities            post:read,user:read\nmaximum token lifetime days  none\n',
    );
  });

  test('migrate finds nothing to do, and seed refuses a database with accounts', async () => {
    expect(await output('migrate')).toBe('The tables are up to date.\n');
    const before = await output('user', 'list', '--json');
    expect(await run(['seed'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The database has accounts already; demo content is for an empty one.\n',
    });
    expect(await output('user', 'list', '--json')).toBe(before);
  });

  const create = ['token', 'create', '--name', 'x', '--user', 'ada@example.com'];
  const account = ['user', 'create', '--name', 'Ada'];
  const refusals: readonly [name: string, words: string[], stderr: string | RegExp, input?: string][] = [
    ['an unknown command', ['frobnicate'], /^error: unknown command 'frobnicate'\n/],
    ['an unknown option', ['user', 'list', '--frobnicate'], /^error: unknown option '--frobnicate'\n/],
    ['a missing option', [...account], /^error: required option '--email <email>' not specified\n/],
    [
      'an address that is taken',
      [...account, '--email', 'ADA@example.com'],
      /^This e-mail address already has an account/,
    ],
    [
      'a short password',
      [...account, '--email', 'new@example.com', '--password-stdin'],
      'password: must have at least 8 characters.\n',
      'secret\n',
    ],
    ['an unknown user', ['user', 'disable', 'who@example.com'], 'No account has the e-mail address who@example.com.\n'],
    [
      'a token for an unknown user',
      ['token', 'create', '--name', 'x', '--user', 'who@example.com', '--abilities', 'read'],
      'No account has the e-mail address who@example.com.\n',
    ],
    [
      'an unknown ability',
      [...create, '--abilities', 'read,nope'],
      /^abilities: "nope" is not an ability\.\nThis user may give: create, read,/,
    ],
    [
      'an expiry that is none',
      [...create, '--abilities', 'read', '--expires', 'soon'],
      /^error: .*'soon'.* It is a date such as/,
    ],
    [
      'an expiry in the past',
      [...create, '--abilities', 'read', '--expires', '2020-01-01'],
      'expiresAt: must be in the future.\n',
    ],
    [
      'an unknown token',
      ['token', 'revoke', 'token_01h455vb4pex5vsknk084sn02q'],
      'There is no token token_01h455vb4pex5vsknk084sn02q.\n',
    ],
    ['hours that are none', ['token', 'prune', '--hours', '-1'], /^error: .* It is a whole number of hours\./],
    ['a switch that is neither on nor off', ['settings', 'set', '--enabled', 'maybe'], /^error: .* It is on or off\./],
    ['settings without a change', ['settings', 'set'], /^error: nothing to change: /],
    [
      'an unknown default ability',
      ['settings', 'set', '--default-abilities', 'nope'],
      'defaultAbilities: "nope" is not an ability.\n',
    ],
  ];

  test('what cannot be done ends with exit code 1 and a sentence on standard error alone, and changes nothing', async () => {
    const contents = () =>
      sql(`select (select json_agg(u order by id) from users u) as users,
                  (select json_agg(t order by id) from api_tokens t) as tokens,
                  (select json_agg(s) from api_settings s) as settings`);
    const before = await contents();
    const results = await Promise.all(
      refusals.map(async ([name, words, , input]) => ({ name, ...(await run(words, input)) })),
    );
    expect(results).toEqual(
      refusals.map(([name, , stderr]) => ({
        name,
        code: 1,
        stdout: '',
        stderr: typeof stderr === 'string' ? stderr : expect.stringMatching(stderr),
      })),
    );
    expect(results.filter(({ stderr }) => /^\s+at |node_modules|Error:/m.test(stderr))).toEqual([]);
    expect(await contents()).toEqual(before);
  });

  test('what commands changed stands among the audit events as the operator’s, and what the start made as its own', async () => {
    const rows = await sql(
      `select action, via from audit_events where outcome = 'DONE' and actor_id is null and ip is null
       group by action, via order by action, via`,
    );
    const byOperator = rows.filter(({ via }) => via === 'COMMAND_LINE').map(({ action }) => action);
    expect(byOperator).toEqual([
      'settings.update',
      'token.create',
      'token.prune',
      'token.revoke',
      ...['user.create', 'user.password', 'user.standing'],
    ]);
    const started = 'DATABASE_URL' in env ? [] : [{ action: 'user.create', via: 'START' }];
    expect(rows.filter(({ via }) => via === 'START')).toEqual(started);
  });
});

describe('without a server', () => {
  let alone: Place;
  const aloneRun = async (...words: string[]) => {
    const { code, stdout } = await latchkey.run(words, alone);
    expect({ words, code }).toEqual({ words, code: 0 });
    return stdout;
  };

  beforeAll(async () => {
    alone = await newPlace();
  });

  afterAll(() => latchkey.killAll());

  test('every command opens the database itself, and a server finds what they did', async () => {
    expect(await aloneRun('migrate')).toMatch(/^Migrated: Migration\d+_\w+.*\.\n$/);
    const [, password = ''] = /^ {2}Password {7}(\S+)/m.exec(await aloneRun('seed')) ?? [];
    const lin = (await aloneRun('user', 'create', '--email', 'lin@example.com', '--name', 'Lin')).trim();
    expect(await aloneRun('user', 'promote', 'ada@example.com')).toBe('ada@example.com is an administrator now.\n');
    // Two at once take turns.
    const token = ['token', 'create', '--user', 'ada@example.com', '--name', 'x', '--abilities', 'read'];
    const [kept = '', revoked = ''] = (await Promise.all([aloneRun(...token), aloneRun(...token)])).map((text) =>
      text.trim(),
    );
    expect(kept).not.toBe(revoked);
    const tokens: { id: string }[] = JSON.parse(await aloneRun('token', 'list', '--json'));
    expect(tokens).toHaveLength(2);
    expect(await aloneRun('token', 'prune', '--hours', '0')).toBe('0 tokens deleted.\n');
    const { id } = tokens[0] ?? { id: '' };
    expect(await aloneRun('token', 'revoke', id)).toBe(`${id} is revoked.\n`);
    expect(JSON.parse(await aloneRun('settings', 'set', '--enabled', 'on', '--json'))).toMatchObject({ enabled: true });
    expect(JSON.parse(await aloneRun('settings', 'get', '--json'))).toMatchObject({ enabled: true });

    const server = await latchkey.serve(alone);
    await server.signIn('admin@example.com', password);
    await server.signIn('lin@example.com', lin);
    const answers = await Promise.all(
      [kept, revoked].map((text) => server.ask('{ viewer { kind user { name } } }', bearer(text))),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401]);
  });

  test('a database in memory is refused, because it lives in its server alone', async () => {
    expect(await latchkey.run(['user', 'list'], { DATA_DIR: ':memory:' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'DATA_DIR is :memory:, and such a database lives in its server alone.\n',
    });
  });
});

describe('access', () => {
  const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
  const coordinates = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) => Object.keys(isObjectType(type) ? type.getFields() : {}).map((field) => `${type.name}.${field}`))
    .sort();

  test('lists every coordinate of the schema with its rules, without a database', async () => {
    const none = { DATA_DIR: '/dev/null/nowhere' };
    const [table, json] = await Promise.all([latchkey.run(['access'], none), latchkey.run(['access', '--json'], none)]);
    expect([table.code, table.stderr, json.code, json.stderr]).toEqual([0, '', 0, '']);
    const fields: { coordinate: string; rules: string[] }[] = JSON.parse(json.stdout);
    expect(fields.map((field) => field.coordinate).sort()).toEqual(coordinates);
    expect(fields.filter((field) => field.rules.length === 0)).toEqual([]);
    expect(fields).toContainEqual({
      coordinate: 'Mutation.updatePost',
      rules: ['tokenCan(post:update)', 'policy(Post.update)'],
    });
    const rows = table.stdout.trim().split('\n').slice(1);
    expect(rows.map((row) => row.split('  ')[0]).sort()).toEqual(coordinates);
    expect(rows).toContainEqual(
      expect.stringMatching(/^Mutation\.updatePost +tokenCan\(post:update\) & policy\(Post\.update\)$/),
    );
  });

  test('plan tells what the operations in files need and where to create a token for them', async () => {
    const files = join(process.cwd(), 'schema/operations/{posts,tokens}.graphql');
    const none = { DATA_DIR: '/dev/null/nowhere' };
    const plan = (...words: string[]) => latchkey.run(['access', 'plan', files, ...words], none);
    const [plain, json, enough, short] = await Promise.all([
      plan(),
      plan('--json'),
      plan('--coarse', '--granted', 'create,read,update,delete'),
      plan('--granted', 'post:read,user:read'),
    ]);

    expect([plain.code, plain.stderr, json.code, json.stderr]).toEqual([0, '', 0, '']);
    expect(plain.stdout).toMatch(/^FILE +OPERATION +NEEDS +CREATE TOKEN\n/);
    expect(plain.stdout).toMatch(
      / {2}Posts {2,}post:read, user:read {2,}\/tokens\/new\?name=Posts&abilities=post:read,user:read$/m,
    );
    expect(plain.stdout).toMatch(/ {2}ApiTokens {2,}a session {2,}-$/m);
    const report: { operation: string }[] = JSON.parse(json.stdout);
    expect(report).toContainEqual(
      expect.objectContaining({
        operation: 'DeletePost',
        createTokenPath: '/tokens/new?name=DeletePost&abilities=post:delete',
      }),
    );
    expect(report).toContainEqual(expect.objectContaining({ operation: 'ApiTokens', createTokenPath: null }));

    // A session is what the token lacks where none will do.
    expect(enough.code).toBe(1);
    expect(enough.stdout).toMatch(
      / {2}DeletePost {2,}delete {2,}- {2,}\/tokens\/new\?name=DeletePost&abilities=delete$/m,
    );
    expect(short.code).toBe(1);
    expect(short.stdout).toMatch(/ {2}Posts {2,}post:read, user:read {2,}- {2,}\/tokens\/new\?/m);
    expect(short.stdout).toMatch(/ {2}DeletePost {2,}post:delete {2,}post:delete {2,}\/tokens\/new\?/m);
    expect(short.stderr).toMatch(/^\d+ of \d+ operations need more than --granted gives\.\n$/);
  });
});

test('--help of every command says how to use it', async () => {
  const seen: string[] = [];
  const visit = async (words: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await latchkey.run([...words, '--help'], { DATA_DIR: '/dev/null/nowhere' });
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: latchkey/);
    expect(stdout).toContain('\nExample:\n');
    seen.push(words.join(' '));
    const [, commands = ''] = /^Commands:\n((?: .*\n)+)/m.exec(stdout) ?? [];
    const names = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
    await Promise.all(names.filter((name) => name !== 'help').map((name) => visit([...words, name])));
  };
  await visit([]);
  expect(seen).toEqual(
    expect.arrayContaining([
      ...['serve', 'migrate', 'seed', 'access', 'user create', 'user list', 'user password', 'user promote'],
      ...['user demote', 'user disable', 'user enable', 'token create', 'token list', 'token revoke', 'token prune'],
      ...['settings get', 'settings set'],
    ]),
  );
});
