import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { curlCommand } from '../../console/src/pages/playground/curl.js';
import { examples } from '../../console/src/pages/playground/examples.js';
import { Console, testConsole } from './browser.js';
import { answered, asGuest, editor, need, needs, ready, run, signedIn, signIn, write } from './playground-page.js';

const started = testConsole();

describe('the ways out', () => {
  test('lead to the form of a token for this query', async () => {
    await started().server.api(true);
    const { visit } = await signedIn(started());
    await write(visit, 'query Feed { posts { nodes { title author { name } } } }');
    const link = visit.page.getByRole('link', { name: 'Create a token for this query' });
    await visit.page.waitForFunction(() => document.querySelector('a[href^="/tokens/new?name=Feed"]') !== null);
    await link.click();
    await visit.page.waitForURL('**/tokens/new?*');
    expect(visit.path).toBe('/tokens/new?name=Feed&abilities=post:read,user:read');
    await visit.page.waitForSelector('h1');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('copy what a shell sends as it stands', async () => {
    const { visit } = await signedIn(started(), { permissions: ['clipboard-read', 'clipboard-write'] });
    await write(
      visit,
      "# It's $HOME and `true`\nquery Said($first: Int!) { posts(first: $first) { nodes { title } } }",
    );
    await need(visit.page, 'post:read').waitFor();
    await needs(visit.page).getByText('Field by field').click();
    await needs(visit.page).getByText('User.name').waitFor({ state: 'detached' });
    await visit.press('Copy as curl');
    await visit.page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
    const copied = await visit.page.evaluate(() => navigator.clipboard.readText());
    const sent = JSON.parse(
      execFileSync('bash', ['-c', printed(copied)], { encoding: 'utf8' })
        .split('\0')
        .at(-2) ?? '',
    );
    expect(sent).toEqual({
      query: "# It's $HOME and `true`\nquery Said($first: Int!) { posts(first: $first) { nodes { title } } }",
      variables: { first: 3 },
      operationName: 'Said',
    });
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

/** A script that prints what a command would give to curl, each argument with a zero behind it. */
function printed(command: string): string {
  return `curl() { printf '%s\\0' "$@"; }; LATCHKEY_TOKEN='lk_1_a'; ${command}`;
}

describe('the curl command', () => {
  test.each([
    '{ a }',
    `it's`,
    `''`,
    '"$HOME" `id` $(id) \\n !! \\',
    'one\ntwo\r\n\tthree',
    'ä 🗝 \u2028',
    '@/etc/passwd',
    '; rm -rf . #',
  ])('gives %j to curl as it is', (text) => {
    const operation = { query: text, variables: { text, deep: [{ text }] }, operationName: 'A' };
    const command = curlCommand('https://api.example.com', operation);
    const [address, , type, , bearer, flag, body = ''] = execFileSync('bash', ['-c', printed(command)], {
      encoding: 'utf8',
    }).split('\0');
    expect([address, type, bearer, flag]).toEqual([
      'https://api.example.com/graphql',
      'Content-Type: application/json',
      'Authorization: Bearer lk_1_a',
      '--data-raw',
    ]);
    expect(JSON.parse(body)).toEqual(operation);
  });

  test('is answered by the server', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user();
    const { data } = await (await server.withSession(user)).send(
      'mutation { createApiToken(name: "Shell", abilities: ["post:read"]) { plainTextToken } }',
    );
    const command = curlCommand(server.origin, { query: "# It's me\n{ viewer { kind } }" });
    const env = { ...process.env, LATCHKEY_TOKEN: data.createApiToken.plainTextToken, NO_PROXY: '*' };
    // Not synchronously: the server is in this process.
    const { stdout } = await promisify(execFile)('bash', ['-c', `${command} -s`], { env });
    expect(JSON.parse(stdout)).toEqual({ data: { viewer: { kind: 'TOKEN' } } });
  });
});

test('the examples are documents of this server, with the variables that they want', () => {
  const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'), { assumeValidSDL: true });
  const problems = examples.flatMap(({ query }) => validate(schema, parse(query)));
  expect(problems).toEqual([]);
  for (const { query, variables } of examples) {
    const wanted = [...query.matchAll(/^\w+ \w+\((.*)\)/gm)].flatMap(([, list = '']) =>
      [...list.matchAll(/\$(\w+)/g)].map(([, name]) => name),
    );
    expect(Object.keys(variables === undefined ? {} : JSON.parse(variables))).toEqual(wanted);
  }
});

describe('a guest', () => {
  test('may write, plan and run, but only as a guest', async () => {
    const visit = await asGuest(started());
    const { page } = visit;
    await page.getByText('to run as yourself or as one of your tokens').waitFor();
    await need(page, 'post:read').getByText('missing').waitFor();
    await write(visit, '{ viewer { kind } }');
    await needs(page).getByText('No ability is needed').waitFor();
    await run(visit);
    await answered(visit, 'GUEST');
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await visit.arrive('Sign in');
    expect(visit.path).toBe('/login?next=%2Fplayground');
    await visit.close();
  });

  test.each([
    ['users', 'Sign in', '/login?next=%2Fplayground'],
    ['off', 'There is nothing here', '/playground'],
  ])('where PLAYGROUND is %s comes to “%s”', async (setting, heading, path) => {
    const other = await Console.start({ PLAYGROUND: setting });
    try {
      const visit = await other.open('/playground');
      await visit.arrive(heading);
      expect(visit.path).toBe(path);
      const user = await other.server.user();
      await visit.page.goto('/login');
      await signIn(visit, user.email);
      await visit.page.getByRole('navigation', { name: 'Pages' }).waitFor();
      expect(await visit.page.getByRole('link', { name: 'Playground' }).count()).toBe(setting === 'users' ? 1 : 0);
      await visit.close();
    } finally {
      await other.stop();
    }
  });
});

test('no other page loads anything of the editor', async () => {
  const { visit } = await signedIn(started());
  const other = await visit.page.context().newPage();
  const files: string[] = [];
  other.on('request', (request) => files.push(new URL(request.url()).pathname));
  const ofEditor = () => files.filter((path) => /^\/assets\/(workbench|monaco|.*worker)/.test(path)).length;
  await other.goto('/account');
  await other.getByText('This browser').waitFor();
  await other.waitForLoadState('networkidle');
  expect(files).toContain('/account');
  expect(ofEditor()).toBe(0);
  await other.goto('/playground');
  await editor(other).locator('.view-line').first().waitFor();
  expect(ofEditor()).toBeGreaterThan(2);
  await visit.close();
});

describe('the policy', () => {
  test('of the Playground goes when one leaves it, and comes when one gets there', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    const documents: string[] = [];
    page.on('request', (request) => request.resourceType() === 'document' && documents.push(request.url()));
    await page.getByRole('link', { name: 'Account', exact: true }).click();
    await visit.arrive('Account');
    const injected = () =>
      page.evaluate(() => {
        const style = document.createElement('style');
        style.textContent = 'h1 { outline: 3px dotted red }';
        document.head.append(style);
        return getComputedStyle(document.querySelector('h1') as HTMLElement).outlineStyle;
      });
    expect(await injected()).not.toBe('dotted');
    await page.getByRole('link', { name: 'Playground', exact: true }).click();
    await ready(visit);
    expect(documents.map((url) => new URL(url).pathname)).toEqual(['/account', '/playground']);
    await page.goBack();
    await visit.arrive('Account');
    expect(await injected()).not.toBe('dotted');
    await visit.close();
  });
});
