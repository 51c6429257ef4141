import { beforeEach, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { serverStart } from '../../src/auth/audit.js';
import { changeSettings } from '../../src/settings/change.js';
import { chosenPassword, desktop, phone, testConsole, type Visit } from './browser.js';

const started = testConsole({ TOKENS_PER_USER: '25' });
type Options = Parameters<ReturnType<typeof started>['open']>[1];

beforeEach(() => settings({}));

/** What administrators decided; everything that is not named is as open as can be. */
async function settings(change: Parameters<typeof changeSettings>[2]) {
  const { server } = started();
  const open = { enabled: true, defaultAbilities: ['post:read'], maximumTokenLifetimeDays: null };
  await changeSettings(server.em, server.app.services.catalogue, { ...open, ...change }, serverStart);
}

/** A browser that looks at the page of a token, under which the token is kept. */
async function atToken(abilities: string[], query = '', options: Options = {}) {
  const { server } = started();
  const user = await server.user();
  const client = await server.actingAs(user, abilities);
  const [row] = await tokensOf(user);
  const path = `/tokens/${apiTokenId.encode(row?.id ?? '')}`;
  const visit = await started().openAs(user, path + query, 'Test', options);
  return { user, client, path, visit };
}

function tokensOf(user: { id: string }) {
  return started().server.sql<{ id: string; name: string; abilities: string[]; expires_at: Date | null }>(
    'select id, name, array_to_json(abilities) as abilities, expires_at from api_tokens where user_id = $1 order by id',
    [user.id],
  );
}

/** The names of the abilities whose boxes are ticked, those that only come with others left out. */
async function ticked({ page }: Visit): Promise<string[]> {
  const boxes = page.locator('input[name=abilities]');
  await boxes.first().waitFor({ state: 'attached' });
  return boxes
    .and(page.locator(':checked:enabled'))
    .evaluateAll((ticked) => ticked.map((box) => (box as HTMLInputElement).value));
}

describe('somebody new', () => {
  test('comes to a first token, which a program can use', async () => {
    const { server } = started();
    const visit = await started().open('/register?next=/tokens', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = visit;
    await visit.fill('Name', 'Ada Lovelace');
    await visit.fill('E-mail', 'ada@example.com');
    await visit.fill('Password', chosenPassword);
    await visit.press('Create the account');
    await visit.arrive('Tokens');
    await page.getByText('A token lets a program act for you').waitFor();
    await page.getByRole('link', { name: 'Create your first token' }).click();

    await visit.arrive('New token');
    expect(await page.title()).toBe('New token · Latchkey');
    expect(await ticked(visit)).toEqual(['post:read']);
    await visit.fill('Name', 'Website');
    await page.getByLabel('Read users').check();
    await visit.press('Create the token');
    const dialog = page.getByRole('dialog', { name: '“Website” is created' });
    const secret = await dialog.getByLabel('Token', { exact: true }).inputValue();
    expect(secret).toMatch(/^lk_/);
    const command = (await dialog.locator('pre').textContent()) ?? '';
    expect(command).toContain(`curl ${server.origin}/graphql`);
    expect(command).toContain(`Bearer ${secret}`);

    await dialog.getByRole('button', { name: 'Copy the token' }).click();
    await dialog.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await visit.arrive('Tokens');
    await page.getByRole('link', { name: 'Website' }).waitFor();
    await page.getByText('Never used').waitFor();
    expect(await page.content()).not.toContain(secret);
    expect(visit.faults).toEqual([]);

    const response = await fetch(server.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { kind abilities user { name } } }' }),
    });
    expect(await response.json()).toEqual({
      data: { viewer: { kind: 'TOKEN', abilities: ['post:read', 'user:read'], user: { name: 'Ada Lovelace' } } },
    });
    await page.reload();
    await page.getByText('Used just now from 127.0.0.1').waitFor();
    await visit.close();
  });
});

describe('the text of a new token', () => {
  test('goes away by none of the ways in which dialogs go away by accident', async () => {
    const user = await started().server.user();
    const visit = await started().openAs(user, '/tokens', 'Tokens');
    const { page } = visit;
    await page.getByRole('link', { name: 'Create your first token' }).click();
    await visit.arrive('New token');
    await visit.fill('Name', 'Website');
    await visit.press('Create the token');
    const token = page.getByLabel('Token', { exact: true });
    const secret = await token.inputValue();
    expect(await token.evaluate((field) => field === document.activeElement)).toBe(true);

    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    // On a slow machine the second way back comes before the page has led back from the first.
    await visit.slow(25);
    await page.goBack();
    await page.goBack();
    await visit.slow(1);
    await page.waitForURL('**/tokens/new');
    expect(await token.inputValue()).toBe(secret);
    page.on('dialog', (dialog) => dialog.dismiss());
    const asked = page.waitForEvent('dialog');
    // The page leads back by itself, and a reload in the middle of that is cancelled.
    const reloading = setInterval(() => page.evaluate(() => window.location.reload()).catch(() => {}), 500);
    await asked.finally(() => clearInterval(reloading));
    expect(await token.inputValue()).toBe(secret);
    expect(visit.path).toBe('/tokens/new');

    await visit.press('Done');
    await page.getByText('You have not copied it yet.').waitFor();
    await visit.press('Back');
    expect(await token.inputValue()).toBe(secret);
    await visit.press('Done');
    await visit.press('Close without it');
    await visit.arrive('Tokens');
    expect(await tokensOf(user)).toHaveLength(1);
    await visit.close();
  });
});

describe('a page without a clipboard', () => {
  test('copies the way that browsers had before', async () => {
    const user = await started().server.user();
    const visit = await started().openAs(user, '/tokens/new', 'New token', { permissions: ['clipboard-read'] });
    const { page } = visit;
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await visit.fill('Name', 'Website');
    await visit.press('Create the token');
    const secret = await page.getByLabel('Token', { exact: true }).inputValue();
    await visit.press('Copy the token');
    await page.getByText('Copied.').waitFor();
    const other = await page.context().newPage();
    await other.goto('/tokens');
    expect(await other.evaluate(() => navigator.clipboard.readText())).toBe(secret);
    await page.bringToFront();
    await page.keyboard.press('Escape');
    await visit.arrive('Tokens');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('the form for a new token', () => {
  test('shows what comes with an ability, and offers starting points', async () => {
    const user = await started().server.user();
    const visit = await started().openAs(user, '/tokens/new', 'New token');
    const { page } = visit;
    const readPosts = page.getByLabel('Read posts');
    expect(await readPosts.isEnabled()).toBe(true);
    await visit.press('Read only');
    expect(await ticked(visit)).toEqual(['read']);
    expect(await readPosts.isChecked()).toBe(true);
    expect(await readPosts.isDisabled()).toBe(true);
    expect(await page.getByText('Comes with “Read”.').count()).toBe(2);
    await visit.press('Nothing');
    expect(await readPosts.isChecked()).toBe(false);
    await visit.press('Defaults');
    expect(await ticked(visit)).toEqual(['post:read']);
    expect(await page.getByLabel('Change settings').count()).toBe(0);
    await visit.close();

    const administrator = await started().server.administrator();
    const other = await started().openAs(administrator, '/tokens/new', 'New token');
    await other.page.getByLabel('Change settings').check();
    expect(await other.page.getByLabel('Read settings').isDisabled()).toBe(true);
    expect([...visit.faults, ...other.faults]).toEqual([]);
    await other.close();
  });

  test('is filled in by its address, and says what it could not take from there', async () => {
    const user = await started().server.user();
    const query = new URLSearchParams({
      name: 'Night & day',
      abilities: 'post:read,user:read,post:fly,settings:read',
      expires: '7',
    });
    const visit = await started().openAs(user, `/tokens/new?${query}`, 'New token');
    const { page } = visit;
    await page.getByText('A link has filled in this form').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Night & day');
    expect(await ticked(visit)).toEqual(['post:read', 'user:read']);
    expect(await page.getByLabel('after 7 days').isChecked()).toBe(true);
    await page.getByText('“post:fly” is not an ability of this server.').waitFor();
    await page.getByText('“settings:read” is for administrators.').waitFor();
    await visit.press('Create the token');
    await page.getByRole('dialog').waitFor();
    const [row] = await tokensOf(user);
    expect(row).toMatchObject({ name: 'Night & day', abilities: ['post:read', 'user:read'] });
    const days = (new Date(row?.expires_at ?? 0).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    await visit.close();

    const empty = await started().openAs(user, '/tokens/new?abilities=&expires=soon', 'New token');
    expect(await ticked(empty)).toEqual([]);
    await empty.page.getByText('“soon” is no end that a token can have here.').waitFor();
    await empty.page.goto('/tokens/new?expires=never');
    expect(await empty.page.getByLabel('never').isChecked()).toBe(true);
    await empty.page.goto('/tokens/new?expires=2099-12-31');
    expect(await empty.page.getByLabel('Last day').inputValue()).toBe('2099-12-31');
    expect([...visit.faults, ...empty.faults]).toEqual([]);
    await empty.close();
  });

  test('is filled in by the path that a plan gives', async () => {
    const { server } = started();
    const user = await server.user();
    const session = await server.withSession(user);
    const { data } = await session.send(
      'query ($document: String!) { accessPlan(document: $document) { createTokenPath } }',
      {
        document: 'query Titles { posts { nodes { title author { name } } } }',
      },
    );
    const visit = await started().openAs(user, data.accessPlan.createTokenPath, 'New token');
    expect(await visit.page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Titles');
    expect(await ticked(visit)).toEqual(['post:read', 'user:read']);
    await visit.close();
  });

  test('keeps to the limits of the settings', async () => {
    await settings({ maximumTokenLifetimeDays: 10 });
    const user = await started().server.user();
    const visit = await started().openAs(user, '/tokens/new?expires=never', 'New token');
    const { page } = visit;
    await page.getByText('“never” is no end that a token can have here.').waitFor();
    const labels = await page.getByRole('radiogroup').locator('label').allTextContents();
    expect(labels).toEqual(['after 7 days', 'after 10 days', 'on another day']);
    expect(await page.getByLabel('after 10 days').isChecked()).toBe(true);

    await visit.fill('Name', 'Website');
    await page.getByLabel('on another day').check();
    const day = page.getByLabel('Last day');
    await day.fill('');
    await visit.press('Create the token');
    await page.getByText('Must be a day.').waitFor();
    await day.fill('2099-01-01');
    await visit.press('Create the token');
    await page.getByText('Must be at most 10 days from now.').waitFor();
    expect(await day.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Website');
    expect(await tokensOf(user)).toEqual([]);

    await day.fill((await day.getAttribute('max')) ?? '');
    await visit.press('Create the token');
    await page.getByRole('dialog').waitFor();
    expect(await tokensOf(user)).toHaveLength(1);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('says that there are too many, and does not lose what was typed when the API goes away', async () => {
    const { server } = started();
    const user = await server.user();
    for (let count = 0; count < 25; count += 1) {
      await server.actingAs(user, []);
    }
    const visit = await started().openAs(user, '/tokens/new', 'New token');
    const { page } = visit;
    await page.getByText('You hold 25 tokens, and 25 is the limit.').waitFor();
    await visit.fill('Name', 'One more');
    await visit.press('Create the token');
    await page.getByText('Would be one token too many: 25 is the limit.').waitFor();
    await settings({ enabled: false });
    await visit.press('Create the token');
    await page.getByText('The API for tokens is switched off. An administrator can switch it on.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('One more');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('the list', () => {
  test('is searched and read page by page', async () => {
    const { server } = started();
    const user = await server.user();
    for (let count = 0; count < 22; count += 1) {
      await server.actingAs(user, ['post:read', 'post:create', 'post:update', 'post:delete', 'user:read', 'read']);
    }
    const [oldest] = await tokensOf(user);
    await server.sql(
      "update api_tokens set name = 'Nightly export', expires_at = now() - interval '1 hour' where id = $1",
      [oldest?.id],
    );
    const visit = await started().openAs(user, '/tokens', 'Tokens');
    const { page } = visit;
    const rows = page.getByRole('list', { name: 'Your tokens' }).and(page.locator('[aria-busy=false]')).locator('> li');
    await rows.nth(19).waitFor();
    expect(await rows.count()).toBe(20);
    const chips = rows.first().getByRole('list', { name: 'Abilities of Test' });
    expect(await chips.getByRole('listitem').count()).toBe(6);
    await chips.getByRole('button', { name: '1 more' }).click();
    expect(await chips.getByText('read', { exact: true }).count()).toBe(1);
    await visit.press('Next');
    await page.getByText('Nightly export').waitFor();
    expect(await rows.count()).toBe(2);

    await page.getByRole('searchbox').fill('export');
    await page.waitForURL('**/tokens?q=export');
    // It stood on the page before, too.
    await rows.nth(1).waitFor({ state: 'detached' });
    await rows.getByText('Expired 1 hour ago').waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByText('1 hour ago').hover();
    await page.getByRole('tooltip').waitFor();
    await page.goto('/tokens?q=nothing');
    await page.getByText('None of your tokens has a name with “nothing”.').waitFor();
    await visit.press('Show all');
    await rows.nth(19).waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('says who can switch the API on while it is off', async () => {
    await settings({ enabled: false });
    const { server } = started();
    const visit = await started().openAs(await server.user(), '/tokens', 'Tokens');
    await visit.page
      .getByText('The API for tokens is switched off; an administrator of this server can switch it on.')
      .waitFor();
    expect(await visit.page.getByRole('link', { name: 'New token' }).count()).toBe(0);
    const other = await started().openAs(await server.administrator(), '/tokens', 'Tokens');
    const lead = other.page.getByRole('main').getByRole('link', { name: 'administration' });
    expect(await lead.getAttribute('href')).toBe('/admin');
    expect([...visit.faults, ...other.faults]).toEqual([]);
    await visit.close();
    await other.close();
  });
});

describe('a refusal', () => {
  test('leads to the token, with what it lacked ticked and marked', async () => {
    const { server } = started();
    const user = await server.user();
    const client = await server.actingAs(user, ['post:read']);
    const write = 'mutation { createPost(title: "A", body: "B") { author { name } } }';
    const [refusal] = (await client.send(write)).errors ?? [];
    expect(refusal?.extensions.code).toBe('INSUFFICIENT_ABILITIES');

    const visit = await started().openAs(user, refusal?.extensions.fix, 'Test');
    const { page } = visit;
    await page.getByText('This address asks for more abilities').waitFor();
    expect((await ticked(visit)).sort()).toEqual(['post:create', 'post:read', 'user:read']);
    expect(await page.getByText('Asked for', { exact: true }).count()).toBe(2);
    await visit.press('Save');
    await page.getByText('“Test” is saved.').waitFor();
    expect(visit.path).not.toContain('missing');
    expect(await page.getByText('Asked for', { exact: true }).count()).toBe(0);
    expect((await client.send(write)).codes).toEqual([]);
    await page.goto(refusal?.extensions.fix);
    await page.getByText('Nothing is missing any more').waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('that asks for what cannot be given says so and ticks nothing', async () => {
    const { visit, client } = await atToken(['read'], '?missing=post:read,settings:update,post:fly');
    const { page } = visit;
    await page.getByText('What is asked for cannot be given here.').waitFor();
    await page.getByText('“settings:update” is for administrators.').waitFor();
    await page.getByText('“post:fly” is not an ability of this server.').waitFor();
    expect(await ticked(visit)).toEqual(['read']);
    expect((await client.send('{ viewer { abilities } }')).data.viewer.abilities).toContain('post:read');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('a token', () => {
  test('gets another name and other abilities, and the way back gives it the old ones', async () => {
    const { user, client, visit } = await atToken(['post:read']);
    const { page } = visit;
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.fill(' ');
    await visit.press('Save');
    await page.getByText('Must not be empty.').waitFor();
    expect(await name.evaluate((field) => field === document.activeElement)).toBe(true);
    await name.fill('Newsletter');
    await page.getByLabel('Write posts').check();
    await visit.press('Save');
    await visit.arrive('Newsletter');
    expect((await client.send('{ viewer { abilities } }')).data.viewer.abilities).toEqual(['post:create', 'post:read']);
    await visit.press('Undo');
    await visit.arrive('Test');
    expect(await name.inputValue()).toBe('Test');
    expect(await ticked(visit)).toEqual(['post:read']);
    expect(await tokensOf(user)).toMatchObject([{ name: 'Test', abilities: ['post:read'] }]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('keeps what cannot be given here until others are ticked', async () => {
    const { user, visit } = await atToken(['*']);
    const { page } = visit;
    await page.getByText('It was also given what cannot be given here').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Backup');
    await visit.press('Save');
    await visit.arrive('Backup');
    expect(await tokensOf(user)).toMatchObject([{ name: 'Backup', abilities: ['*'] }]);
    await page.getByLabel('Read posts').check();
    await page.getByText('Saving takes away what cannot be given here').waitFor();
    await visit.press('Save');
    await page.getByText('Saving takes away').waitFor({ state: 'detached' });
    expect(await tokensOf(user)).toMatchObject([{ name: 'Backup', abilities: ['post:read'] }]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('is deleted once its name was read, and refused from then on', async () => {
    const { user, client, path, visit } = await atToken(['post:read']);
    const { page } = visit;
    await visit.press('Delete the token…');
    const dialog = page.getByRole('dialog', { name: 'Delete “Test”?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await tokensOf(user)).toHaveLength(1);
    await visit.press('Delete the token…');
    await dialog.getByRole('button', { name: 'Delete the token' }).click();
    await page.getByText('“Test” is deleted.').waitFor();
    await visit.arrive('Tokens');
    await page.getByText('You have no tokens yet').waitFor();
    expect((await client.send('{ viewer { kind } }')).codes).toEqual(['UNAUTHENTICATED']);
    await page.goto(path);
    await visit.arrive('No such token');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test.each(['?', '?missing=post:read'])('of somebody else is not there at an address with %j', async (query) => {
    const { server } = started();
    const owner = await server.user();
    await server.actingAs(owner, ['post:read']);
    const [row] = await tokensOf(owner);
    const path = `/tokens/${apiTokenId.encode(row?.id ?? '')}${query}`;
    for (const stranger of [await server.user(), await server.administrator()]) {
      const visit = await started().openAs(stranger, path, 'No such token');
      expect(await visit.page.getByRole('textbox').count()).toBe(0);
      expect(visit.faults).toEqual([]);
      await visit.close();
    }
  });

  test('has no page at an address that names none', async () => {
    const visit = await started().openAs(await started().server.user(), '/tokens/nonsense', 'No such token');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('waits while the API is off', async () => {
    const { path, visit } = await atToken(['post:read']);
    await settings({ enabled: false });
    await visit.press('Save');
    await visit.page.getByText('The API for tokens is switched off. An administrator can switch it on.').waitFor();
    await visit.page.goto(path);
    await visit.page.getByText('The API for tokens is switched off; an administrator').waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('pages on a %s have no barriers and fit', async (device, viewport) => {
    const { path, visit } = await atToken(['post:read', 'user:read'], '', { colorScheme, viewport });
    const { page } = visit;
    const look = async (name: string) => {
      await visit.picture(`${name}-${device}-${colorScheme}`);
      expect(await visit.barriers()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    };
    await look('token');
    await page.goto(`${path}?missing=post:update`);
    await page.getByText('Asked for', { exact: true }).waitFor();
    await look('token-missing');
    await visit.press('Delete the token…');
    await page.getByRole('dialog').waitFor();
    await look('token-delete');
    await page.goto('/tokens');
    await page.getByRole('link', { name: 'Test' }).waitFor();
    await look('tokens');
    await page.goto('/tokens/new?abilities=read,post:fly');
    await page.getByText('A link has filled in this form').waitFor();
    await look('token-new');
    await page.getByRole('textbox', { name: 'Name' }).fill('Website');
    await visit.press('Create the token');
    await page.getByRole('dialog').waitFor();
    await visit.press('Done');
    await look('token-secret');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
