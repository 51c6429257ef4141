import { describe, expect, test } from '@jest/globals';
import { password } from '../helper.js';
import { testConsole, type Visit } from './browser.js';

const started = testConsole();
const viewerKind = '{ viewer { kind } }';

/** A browser in which a new administrator is signed in and looks at a page. */
async function asAdministrator(path: string, heading: string): Promise<Visit> {
  return started().openAs(await started().server.user({ name: 'Root', isAdministrator: true }), path, heading);
}

/** Opens the menu of a user and asks for one of its entries. */
async function ask({ page }: Visit, name: string, entry: string) {
  await page.getByRole('button', { name: `Change ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: entry }).click();
  return page.getByRole('dialog');
}

/** The name in each row, with the marks beside it. */
async function namesIn({ page }: Visit): Promise<string[]> {
  const entries = page.getByRole('list', { name: 'Users', exact: true }).and(page.locator('[aria-busy=false]'));
  await entries.waitFor();
  return entries.locator('> li > div:first-child > div:first-child').allTextContents();
}

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
    expect(await namesIn(visit)).toEqual(['Mary ShelleyAdministrator', 'Mary SomervilleDisabled']);
    await page.getByLabel('Role').selectOption('Administrators');
    await page.getByText('1 entry shown').waitFor({ state: 'attached' });
    expect(await namesIn(visit)).toEqual(['Mary ShelleyAdministrator']);
    await page.getByLabel('State').selectOption('Disabled');
    await page.getByText('Nothing here is like that.').waitFor();
    await page.getByLabel('Role').selectOption('Any role');
    await page.getByText('Mary Somerville').waitFor();
    await page.reload();
    await page.getByText('Mary Somerville').waitFor();
    expect(await page.getByLabel('Search users').inputValue()).toBe('mary s');
    expect(await namesIn(visit)).toEqual(['Mary SomervilleDisabled']);
    await visit.fill('Search users', '50%25 & more+');
    await page.getByText('Nothing here is like that.').waitFor();
    await page.reload();
    await page.getByText('Nothing here is like that.').waitFor();
    expect(await page.getByLabel('Search users').inputValue()).toBe('50%25 & more+');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('are disabled, which ends their session and their tokens, and enabled again', async () => {
    const { server } = started();
    await server.api(true);
    const user = await server.user({ name: 'Emmy Noether' });
    const bearer = await server.actingAs(user, ['user:read']);
    const theirs = await started().openAs(user, '/account', 'Account');
    const visit = await asAdministrator('/admin/users?search=Emmy', 'Users');
    const { page } = visit;

    const dialog = await ask(visit, 'Emmy Noether', 'Disable…');
    await dialog.getByText('Their token is refused from the next request on.').waitFor();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    // The toast, with its way back, stays for as long as the pointer is on it.
    await page.getByText('Emmy Noether is disabled and signed out.').hover();
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
    const theirs = await started().openAs(user, '/admin/users', 'Users');
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

  test('who are administrators no longer are shown out', async () => {
    const { server } = started();
    const other = await server.user({ name: 'Ada Byron', isAdministrator: true });
    const theirs = await started().openAs(other, '/admin/users', 'Users');
    const visit = await asAdministrator('/admin/users?search=Byron', 'Users');
    const dialog = await ask(visit, 'Ada Byron', 'Take administration away…');
    await dialog.getByRole('button', { name: 'Take administration away' }).click();
    await visit.page.getByText('Ada Byron is no longer an administrator.').waitFor();

    await theirs.fill('Search users', 'root');
    const again = theirs.page.getByRole('dialog', { name: 'Your session has ended' });
    await again.getByLabel('Password', { exact: true }).fill(password);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await theirs.arrive('There is nothing here');
    await theirs.page.getByRole('link', { name: 'Administration' }).waitFor({ state: 'detached' });
    expect([...visit.faults, ...theirs.faults]).toEqual([]);
    await visit.close();
    await theirs.close();
  });

  test('who have left meanwhile are told of in the dialog', async () => {
    const { server } = started();
    const gone = await server.user({ name: 'Lise Meitner' });
    const visit = await asAdministrator('/admin/users?search=Lise', 'Users');
    const { page } = visit;
    const dialog = await ask(visit, 'Lise Meitner', 'Disable…');
    await server.sql('delete from users where id = $1', [gone.id]);
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByText('This does not exist, or you may not see it.').waitFor();
    await page.getByText('Nothing here is like that.').waitFor();
    await visit.picture('admin-users-gone');
    await visit.slow(25);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.id === 'main');
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
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'menuitem');
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
