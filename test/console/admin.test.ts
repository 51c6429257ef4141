import { describe, expect, test } from '@jest/globals';
import { password, publicIdOf } from '../helper.js';
import { testConsole, type Visit } from './browser.js';

const started = testConsole();
const viewerKind = '{ viewer { kind } }';

type Options = Parameters<ReturnType<typeof started>['open']>[1];

/** A browser in which a user is signed in and looks at a page. */
async function signedIn(user: { email: string }, path: string, heading: string, options: Options = {}): Promise<Visit> {
  const visit = await started().open(`/login?${new URLSearchParams({ next: path })}`, options);
  await visit.fill('E-mail', user.email);
  await visit.fill('Password', password);
  await visit.press('Sign in');
  await visit.arrive(heading);
  return visit;
}

/** A browser in which a new administrator is signed in and looks at a page. */
async function asAdministrator(path: string, heading: string, options: Options = {}): Promise<Visit> {
  return signedIn(await started().server.user({ name: 'Root', isAdministrator: true }), path, heading, options);
}

/** Opens the menu of a user and asks for one of its entries. */
async function ask({ page }: Visit, name: string, entry: string) {
  await page.getByRole('button', { name: `Change ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: entry }).click();
  return page.getByRole('dialog');
}

/** The name in each row of a list, with the marks beside it. */
async function namesIn({ page }: Visit, list: string): Promise<string[]> {
  const entries = page.getByRole('list', { name: list, exact: true }).and(page.locator('[aria-busy=false]'));
  await entries.waitFor();
  return entries.locator('> li > div:first-child > div:first-child').allTextContents();
}

describe('the settings', () => {
  test('switch the API off and on, say before what stops, and hold at once', async () => {
    const { server } = started();
    await server.api(true);
    const bearer = await server.actingAs(await server.user(), ['user:read']);
    expect((await bearer.send(viewerKind)).data.viewer.kind).toBe('TOKEN');

    const visit = await asAdministrator('/admin', 'Settings');
    const { page } = visit;
    const apiSwitch = page.getByRole('switch', { name: 'Enable API' });
    await page.getByText('Programs with a token are answered: 1 token of 1 user.').waitFor();
    await apiSwitch.click();
    const dialog = page.getByRole('dialog', { name: 'Switch the API off?' });
    await dialog.getByText('1 token of 1 user will be refused from the next request on.').waitFor();
    await dialog.getByText('just now').waitFor();
    expect((await bearer.send(viewerKind)).codes).toEqual([]);

    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('The API is switched off.').waitFor();
    expect(await apiSwitch.isChecked()).toBe(false);
    expect((await bearer.send(viewerKind)).codes).toEqual(['API_DISABLED']);

    await page.getByText('1 token of 1 user will work again at once.').waitFor();
    await apiSwitch.click();
    await page.getByText('The API is switched on.').waitFor();
    expect(await apiSwitch.isChecked()).toBe(true);
    expect((await bearer.send(viewerKind)).data.viewer.kind).toBe('TOKEN');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('of new tokens are saved whole, refused beside the field, and taken back', async () => {
    const { server } = started();
    await server.api(true);
    const owner = await server.user();
    await server.actingAs(owner, ['read']);
    await server.sql(`update api_tokens set created_at = now() - interval '40 days' where user_id = $1`, [owner.id]);
    const stored = () => server.sql('select default_abilities, maximum_token_lifetime_days as days from api_settings');
    const before = await stored();

    const visit = await asAdministrator('/admin', 'Settings');
    const { page } = visit;
    await page.getByRole('checkbox', { name: 'Write posts' }).click();
    await page.getByRole('radio', { name: 'A number of days' }).click();
    const days = page.getByLabel('Days', { exact: true });
    await days.fill('30');
    await page.getByText('1 token would end at once, because of their age.').waitFor();
    await days.fill('0');
    await visit.press('Save');
    await page.getByText('Must be at least 1 day.').waitFor();
    expect(await days.inputValue()).toBe('0 days');
    expect(await days.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByRole('checkbox', { name: 'Write posts' }).isChecked()).toBe(true);
    expect(await stored()).toEqual(before);

    await days.fill('365');
    await visit.press('Save');
    await page.getByText('The settings for new tokens are saved.').waitFor();
    expect(await stored()).toEqual([{ default_abilities: ['read', 'post:create'], days: 365 }]);
    await visit.press('Undo');
    await page.getByText('The settings are as they were.').waitFor();
    expect(await stored()).toEqual(before);
    expect(await page.getByRole('radio', { name: 'No limit' }).isChecked()).toBe(true);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('are not there for others', async () => {
    const user = await started().server.user();
    for (const path of ['/admin', '/admin/users', '/admin/tokens']) {
      const visit = await signedIn(user, path, 'There is nothing here');
      expect(await visit.page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
      expect(visit.faults).toEqual([]);
      await visit.close();
    }
  });
});

describe('users', () => {
  test('are searched and filtered, and the address remembers it', async () => {
    const { server } = started();
    const mary = await server.user({ name: 'Mary Somerville' });
    await server.user({ name: 'Mary Shelley', isAdministrator: true });
    await server.sql('update users set disabled_at = now() where id = $1', [mary.id]);
    const visit = await asAdministrator('/admin/users', 'Users');
    const { page } = visit;
    await visit.fill('Search users', 'mary s');
    await page.waitForURL('**/admin/users?search=mary+s');
    await page.getByText('2 entries shown').waitFor({ state: 'attached' });
    expect(await namesIn(visit, 'Users')).toEqual(['Mary ShelleyAdministrator', 'Mary SomervilleDisabled']);
    await page.getByLabel('Role').selectOption('Administrators');
    await page.getByText('1 entry shown').waitFor({ state: 'attached' });
    expect(await namesIn(visit, 'Users')).toEqual(['Mary ShelleyAdministrator']);
    await page.getByLabel('State').selectOption('Disabled');
    await page.getByText('Nothing here is like that.').waitFor();
    await page.getByLabel('Role').selectOption('Any role');
    await page.getByText('Mary Somerville').waitFor();
    await page.reload();
    await page.getByText('Mary Somerville').waitFor();
    expect(await page.getByLabel('Search users').inputValue()).toBe('mary s');
    expect(await namesIn(visit, 'Users')).toEqual(['Mary SomervilleDisabled']);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('are disabled, which ends their session and their tokens, and enabled again', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user({ name: 'Emmy Noether' });
    const bearer = await server.actingAs(user, ['user:read']);
    const theirs = await signedIn(user, '/account', 'Account');
    const visit = await asAdministrator('/admin/users?search=Emmy', 'Users');
    const { page } = visit;

    const dialog = await ask(visit, 'Emmy Noether', 'Disable…');
    await dialog.getByText('Their token is refused from the next request on.').waitFor();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Emmy Noether is disabled and signed out.').waitFor();
    await page.getByText('Disabled', { exact: true }).and(page.locator('span')).waitFor();
    expect((await bearer.send(viewerKind)).codes).toEqual(['UNAUTHENTICATED']);

    await theirs.fill('Name', 'E. Noether');
    await theirs.press('Save');
    const again = theirs.page.getByRole('dialog', { name: 'Your session has ended' });
    await again.getByLabel('Password', { exact: true }).fill(password);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.getByRole('alert').waitFor();

    await visit.press('Undo');
    await page.getByText('Emmy Noether is enabled.').waitFor();
    expect((await bearer.send(viewerKind)).data.viewer.kind).toBe('TOKEN');
    await again.getByRole('button', { name: 'Sign in' }).click();
    await theirs.page.getByText('The profile is saved.').waitFor();
    expect([...visit.faults, ...theirs.faults]).toEqual([]);
    await visit.close();
    await theirs.close();
  });

  test('become administrators and cease to be, but nobody by themselves', async () => {
    const { server } = started();
    const user = await server.user({ name: 'Sophie Germain' });
    const visit = await asAdministrator('/admin/users', 'Users');
    const { page } = visit;
    const own = page.getByRole('listitem').filter({ hasText: 'You' });
    expect(await own.getByRole('button', { name: 'Change' }).getAttribute('aria-disabled')).toBe('true');
    await own.getByRole('button', { name: 'Change' }).click({ force: true });
    expect(await page.getByRole('menu').count()).toBe(0);

    const dialog = await ask(visit, 'Sophie Germain', 'Make administrator…');
    await dialog.getByText('They will see and change everything here').waitFor();
    await dialog.getByRole('button', { name: 'Make administrator' }).click();
    await page.getByText('Sophie Germain is an administrator.').waitFor();
    const theirs = await signedIn(user, '/admin/users', 'Users');
    await theirs.close();

    const asked = await ask(visit, 'Sophie Germain', 'Take administration away…');
    await asked.getByRole('button', { name: 'Take administration away' }).click();
    await page.getByText('Sophie Germain is no longer an administrator.').waitFor();
    expect(await server.sql('select is_administrator from users where id = $1', [user.id])).toEqual([
      { is_administrator: false },
    ]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('are changed with the keyboard alone, and the focus comes back', async () => {
    const { server } = started();
    await server.user({ name: 'Maria Agnesi' });
    const visit = await asAdministrator('/admin/users?search=Maria', 'Users');
    const { page } = visit;
    const button = page.getByRole('button', { name: 'Change Maria Agnesi' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem').first().waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Disable Maria Agnesi?' });
    await dialog.waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'Cancel');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Change Maria Agnesi');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('tokens', () => {
  test('of somebody are found and revoked, and a program is refused', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user({ name: 'Hedy Lamarr' });
    const bearer = await server.actingAs(user, ['post:read']);
    const spared = await server.actingAs(user, ['user:read']);
    const visit = await asAdministrator('/admin/users?search=Hedy', 'Users');
    const { page } = visit;
    await page.getByRole('link', { name: '2 tokens of Hedy Lamarr' }).click();
    await visit.arrive('All tokens');
    expect(visit.path).toBe(`/admin/tokens?owner=${publicIdOf.user(user)}`);
    await page.getByText(`Hedy Lamarr, ${user.email}`).first().waitFor();
    await page.getByLabel('Ability').selectOption('post:read');
    await page.getByText('1 entry shown').waitFor({ state: 'attached' });

    await server.api(false);
    await visit.press('Revoke Test of Hedy Lamarr');
    const dialog = page.getByRole('dialog', { name: 'Revoke “Test” of Hedy Lamarr?' });
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('“Test” of Hedy Lamarr is revoked.').waitFor();
    await page.getByText('Nothing here is like that.').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Tokens');
    await server.api(true);
    expect((await bearer.send(viewerKind)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await spared.send(viewerKind)).data.viewer.kind).toBe('TOKEN');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('are narrowed to those that nobody uses', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user({ name: 'Chien-Shiung Wu' });
    for (const [name, age] of [
      ['Old and idle', 100],
      ['Young and idle', 40],
      ['New', 1],
    ] as const) {
      await server.actingAs(user, ['read']);
      await server.sql(
        `update api_tokens set name = $1, created_at = now() - make_interval(days => $2) where name = 'Test' and user_id = $3`,
        [name, age, user.id],
      );
    }
    const visit = await asAdministrator(`/admin/tokens?search=${encodeURIComponent(user.email)}`, 'All tokens');
    const { page } = visit;
    await page.getByText('3 entries shown').waitFor({ state: 'attached' });
    await page.getByLabel('Last use').selectOption('Unused for 30 days');
    await page.getByText('2 entries shown').waitFor({ state: 'attached' });
    await page.getByLabel('Last use').selectOption('Unused for 90 days');
    await page.getByText('1 entry shown').waitFor({ state: 'attached' });
    expect(await namesIn(visit, 'Tokens')).toEqual(['Old and idle']);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('beyond the first twenty are on further pages', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user({ name: 'Dorothy Vaughan' });
    for (let count = 0; count < 22; count += 1) {
      await server.actingAs(user, ['read']);
    }
    const visit = await asAdministrator(`/admin/tokens?owner=${publicIdOf.user(user)}`, 'All tokens');
    const { page } = visit;
    await page.getByText('20 entries shown').waitFor({ state: 'attached' });
    await visit.press('Next');
    await page.getByText('2 entries shown').waitFor({ state: 'attached' });
    expect(await page.getByRole('button', { name: 'Next', exact: true }).getAttribute('aria-disabled')).toBe('true');
    await server.sql(
      'delete from api_tokens where id in (select id from api_tokens where user_id = $1 order by created_at limit 1)',
      [user.id],
    );
    await visit.press('Previous');
    await page.getByText('20 entries shown').waitFor({ state: 'attached' });
    await visit.fill('Search tokens', 'nothing of that kind');
    await page.getByText('Nothing here is like that.').waitFor();
    await visit.press('Show everything');
    await page.getByText('20 entries shown').waitFor({ state: 'attached' });
    expect(visit.path).toBe('/admin/tokens');
    expect(await page.getByLabel('Search tokens').inputValue()).toBe('');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
