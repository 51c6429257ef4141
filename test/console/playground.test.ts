import { describe, expect, test } from '@jest/globals';
import { examples } from '../../console/src/pages/playground/examples.js';
import { desktop, phone, testConsole } from './browser.js';
import {
  answered,
  createToken,
  editor,
  history,
  need,
  needs,
  ready,
  run,
  runAs,
  runAsReader,
  signedIn,
  signIn,
  unexpected,
  write,
} from './playground-page.js';

const started = testConsole();

describe('the editor', () => {
  test('is there with examples, runs one, and says what it needs', async () => {
    await started().server.post(await started().server.user({ name: 'Grace' }), { title: 'A post to be found' });
    const { visit } = await signedIn(started());
    const { page } = visit;
    expect(await page.title()).toBe('Playground · Latchkey');
    expect(await page.getByRole('list', { name: 'Select active operation' }).getByRole('listitem').count()).toBe(
      examples.length,
    );
    await need(page, 'post:read').getByText('granted').waitFor();
    await need(page, 'user:read').getByText('granted').waitFor();
    await run(visit);
    await answered(visit, 'A post to be found');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('plans what is typed, keeps the last plan while nothing can be planned, and marks nothing as wrong', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    await write(visit, 'mutation { deletePost(id: "post_1") }');
    await need(page, 'post:delete').getByText('granted').waitFor();
    await needs(page).getByText('Post.delete').waitFor();
    await needs(page).getByText('Only the author or an administrator').first().waitFor();
    await write(visit, 'mutation { deleteP');
    await page.waitForFunction(() => document.querySelector('[data-stale]') !== null);
    await need(page, 'post:delete').waitFor();
    expect(await page.getByRole('complementary', { name: 'Access' }).getByRole('alert').count()).toBe(0);
    await write(visit, '{ sessions { id } }');
    await need(page, 'A signed-in browser').getByText('granted').waitFor();
    expect(await page.getByRole('link', { name: 'Create a token for this query' }).count()).toBe(0);
    await write(visit, '{ users { nodes { id } } }');
    await need(page, 'An administrator').getByText('missing').waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('of several operations plans the one that is chosen', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    await write(visit, 'query Mine { viewer { kind } } query Theirs { posts { nodes { id } } }');
    await needs(page).getByRole('status').getByText('No ability is needed').waitFor();
    await needs(page).getByRole('combobox', { name: 'Operation' }).selectOption('Theirs');
    await need(page, 'post:read').waitFor();
    await visit.close();
  });

  test('E10: keeps tabs and history for the one who wrote them, and forgets them when they sign out', async () => {
    const { visit, user } = await signedIn(started());
    const { page } = visit;
    await write(visit, 'query MySecretPlans { viewer { kind } }');
    await run(visit);
    await answered(visit, 'SESSION');
    await page.waitForFunction(() =>
      ['tabState', 'queries'].every((name) =>
        Object.entries({ ...localStorage }).some(([key, kept]) => key.endsWith(name) && kept.includes('MySecretPlans')),
      ),
    );
    await page.reload();
    await ready(visit);
    await editor(page).getByText('MySecretPlans').waitFor();
    await page.getByRole('button', { name: 'Show History' }).click();
    await history(page).getByText('MySecretPlans').waitFor();

    await page.getByRole('button', { name: /^Signed in as/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visit.arrive('Latchkey');
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('MySecret');

    const other = await started().server.user();
    await page.goto('/login?next=/playground');
    await signIn(visit, other.email);
    await ready(visit);
    expect(await page.getByText('MySecretPlans').count()).toBe(0);
    expect(user.id).not.toBe(other.id);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('keeps in its history what is run at the moment it is written', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    for (const name of ['First', 'Second']) {
      await write(visit, `query ${name} { viewer { as${name}: kind } }`);
      await page.keyboard.press('Control+Enter');
      await answered(visit, `as${name}`);
    }
    await page.getByRole('button', { name: 'Show History' }).click();
    await history(page).getByText('First', { exact: true }).waitFor();
    await history(page).getByText('Second', { exact: true }).waitFor();
    expect(await history(page).getByRole('listitem').count()).toBe(2);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('E10: keeps nothing more once somebody has signed out, also while the way out takes its time', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    await page.route(
      (url) => url.pathname === '/',
      async (route) => {
        await page.waitForTimeout(1_500);
        await route.continue();
      },
    );
    await write(visit, 'query MySecretPlans { viewer { kind } }');
    await page.getByRole('button', { name: /^Signed in as/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visit.arrive('Latchkey');
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('MySecret');
    await visit.close();
  });

  test('E10: keeps nothing more in one tab once somebody has signed out in another', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    const other = await page.context().newPage();
    await other.goto('/account');
    await other.getByRole('button', { name: /^Signed in as/ }).click();
    await other.getByRole('menuitem', { name: 'Sign out' }).click();
    await other.getByText('You are signed out.').waitFor();
    await page.bringToFront();
    await write(visit, 'query MySecretPlans { viewer { kind } }');
    await page.waitForTimeout(1_000);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('MySecret');
    await visit.close();
  });

  test('documents every field with what it asks for', async () => {
    const { visit } = await signedIn(started());
    await visit.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await visit.page.getByRole('link', { name: 'Mutation', exact: true }).click();
    await visit.page.getByText('Deletes a post; returns the id. Requires').waitFor();
    await visit.page.getByText('Only the author or an administrator.').first().waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('run as', () => {
  test('a set of abilities that no token has shows what would be refused', async () => {
    await started().server.api(true);
    const { visit } = await signedIn(started());
    const { page } = visit;
    await runAs(visit, 'Abilities');
    await need(page, 'post:read').getByText('missing').waitFor();
    await page.getByRole('combobox', { name: 'Abilities' }).click();
    await page.getByRole('option', { name: 'post:read', exact: true }).click();
    await need(page, 'post:read').getByText('granted').waitFor();
    await need(page, 'user:read').getByText('missing').waitFor();
    await needs(page).getByRole('status').getByText('1 of 2 abilities are missing').waitFor();
    await page.keyboard.press('Escape');
    await run(visit);
    await answered(visit, 'INSUFFICIENT_ABILITIES');
    await runAs(visit, 'Myself');
    await need(page, 'user:read').getByText('granted').waitFor();
    await run(visit);
    await answered(visit, '"data"');
    expect(unexpected(visit)).toEqual([]);
    await visit.close();
  });

  test('one of the own tokens, found by its name, with what it has and lacks', async () => {
    await started().server.api(true);
    const { visit, elsewhere } = await signedIn(started());
    const { page } = visit;
    await createToken(elsewhere, 'Newsletter', ['post:read']);
    await createToken(elsewhere, 'Website', ['read']);
    await runAs(visit, 'A token');
    await needs(page).getByText('Choose a token').waitFor();
    await page.getByRole('combobox', { name: 'Token' }).fill('news');
    await page.getByRole('option', { name: 'Website' }).waitFor({ state: 'detached' });
    await page.getByRole('option', { name: 'Newsletter' }).click();
    await need(page, 'user:read').getByText('missing').waitFor();
    await write(visit, '{ viewer { kind abilities token { name } } }');
    await run(visit);
    await answered(visit, '"Newsletter"');
    await write(visit, '{ sessions { id } }');
    await need(page, 'A signed-in browser').getByText('missing').waitFor();
    await run(visit);
    await answered(visit, 'SESSION_REQUIRED');
    expect(unexpected(visit)).toEqual([]);
    await visit.close();
  });

  test('a token that is gone says so, and asks nobody to sign in', async () => {
    const { server } = started();
    await server.api(true);
    const { visit, elsewhere } = await signedIn(started());
    const { page } = visit;
    await runAsReader(visit, elsewhere);
    await server.sql(
      "update api_tokens set expires_at = now() - interval '1 hour', created_at = now() - interval '2 hours'",
    );
    await write(visit, '{ posts { nodes { id } } }');
    await page.getByText('The server refuses this token: it has expired, or you are signed out.').waitFor();
    await run(visit);
    await answered(visit, 'UNAUTHENTICATED');
    await server.sql('delete from api_tokens');
    await write(visit, '{ posts { nodes { title } } }');
    await page.getByText('This token is gone.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(unexpected(visit)).toEqual([]);
    await visit.close();
  });

  test('a token, while the API is off, says who can switch it on', async () => {
    await started().server.api(false);
    const { visit } = await signedIn(started());
    await runAs(visit, 'Abilities');
    await needs(visit.page).getByText('An administrator can switch it on.').waitFor();
    await run(visit);
    await answered(visit, 'API_DISABLED');
    expect(unexpected(visit)).toEqual([]);
    await visit.close();
  });
});

describe('everywhere', () => {
  test.each([
    ['desktop', 'light', desktop],
    ['desktop', 'dark', desktop],
    ['phone', 'light', phone],
    ['phone', 'dark', phone],
  ] as const)('on a %s in %s colours it can be used, and nothing stands in the way', async (size, scheme, viewport) => {
    const { visit } = await signedIn(started(), { viewport, colorScheme: scheme });
    const { page } = visit;
    await run(visit);
    await answered(visit, '"data"');
    await needs(page).getByRole('status').getByText('All are granted').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await visit.picture(`playground-${size}-${scheme}`);
    expect(await visit.barriers()).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
