import { describe, expect, test } from '@jest/globals';
import { password } from '../helper.js';
import { chosenPassword, desktop, phone, testConsole, type Visit } from './browser.js';

const started = testConsole();

/** A browser in which a new user is signed in and looks at the account. */
async function atAccount(options: Parameters<ReturnType<typeof started>['open']>[1] = {}) {
  const user = await started().server.user({ name: 'Ada Lovelace' });
  const visit = await started().open('/login?next=/account', options);
  await signIn(visit, user.email, password);
  return { user, visit };
}

async function signIn(visit: Visit, email: string, secret: string): Promise<void> {
  await visit.fill('E-mail', email);
  await visit.fill('Password', secret);
  await visit.press('Sign in');
  await visit.arrive('Account');
  await visit.page.getByText('This browser').waitFor();
}

describe('the profile', () => {
  test('gets a new name, and the bar shows it', async () => {
    const { user, visit } = await atAccount();
    await visit.fill('Name', 'Augusta King');
    await visit.press('Save');
    await visit.page.getByRole('button', { name: 'Signed in as Augusta King' }).waitFor();
    expect(await started().server.sql('select name, email from users where id = $1', [user.id])).toEqual([
      { name: 'Augusta King', email: user.email },
    ]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('gets a new address for the password, and for nothing else', async () => {
    const { visit } = await atAccount();
    await visit.fill('E-mail', 'augusta@example.com');
    await visit.fill('Your password', 'not the password');
    await visit.press('Save');
    await visit.page.getByText('Is not the password of this account.').waitFor();
    await visit.fill('Your password', password);
    await visit.press('Save');
    await visit.page.getByText('The profile is saved.').waitFor();
    await visit.page.getByLabel('Your password', { exact: true }).waitFor({ state: 'detached' });
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('the browsers', () => {
  test('are ended one by one or all at once, but not this one', async () => {
    const { user, visit } = await atAccount();
    for (const _ of [1, 2, 3]) {
      await started().server.withSession(user);
    }
    await visit.page.reload();
    const ending = visit.page.getByRole('button', { name: 'Sign out test', exact: true });
    await ending.nth(2).waitFor();
    await ending.first().click();
    await visit.page.getByText('test is signed out.').waitFor();
    await ending.nth(2).waitFor({ state: 'detached' });
    expect(await ending.count()).toBe(2);
    await visit.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Browsers');

    await visit.press('Sign out all other browsers');
    const dialog = visit.page.getByRole('dialog', { name: 'Sign out the 2 other browsers?' });
    await dialog.getByRole('button', { name: 'Sign out', exact: true }).click();
    await visit.page.getByText('All your other browsers are signed out.').waitFor();
    await ending.first().waitFor({ state: 'detached' });
    const rows = await started().server.sql('select id from sessions where user_id = $1', [user.id]);
    expect(rows).toHaveLength(1);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('a session that another browser ends', () => {
  test('asks to sign in again over the page, and what was typed goes on', async () => {
    const { user, visit } = await atAccount({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0' });
    const other = await started().open('/login?next=/account');
    await signIn(other, user.email, password);
    await visit.fill('Name', 'Ada King');
    await other.press('Sign out Firefox on Windows');
    await other.page.getByText('Firefox on Windows is signed out.').waitFor();

    await visit.press('Save');
    const dialog = visit.page.getByRole('dialog', { name: 'Your session has ended' });
    await visit.page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'password');
    await visit.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await visit.page.getByText('You are signed out. Sign in to go on.').waitFor();
    expect(await visit.page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada King');

    await visit.press('Save');
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('The profile is saved.').waitFor();
    await visit.page.getByRole('button', { name: 'Signed in as Ada King' }).waitFor();
    expect([...visit.faults, ...other.faults]).toEqual([]);
    await visit.close();
    await other.close();
  });
});

describe('the password', () => {
  test('is changed, and only the new one signs in', async () => {
    const { user, visit } = await atAccount();
    await visit.fill('Current password', password);
    await visit.fill('New password', chosenPassword);
    await visit.press('Change the password');
    await visit.page.getByText('The password is changed.').waitFor();
    expect(await visit.page.getByLabel('New password', { exact: true }).inputValue()).toBe('');
    const other = await started().open('/login?next=/account');
    await signIn(other, user.email, chosenPassword);
    expect([...visit.faults, ...other.faults]).toEqual([]);
    await visit.close();
    await other.close();
  });
});

describe('the account', () => {
  test('is deleted for the password', async () => {
    const { user, visit } = await atAccount();
    await visit.press('Delete the account…');
    const dialog = visit.page.getByRole('dialog', { name: 'Delete the account?' });
    await dialog.getByLabel('Password', { exact: true }).fill('not the password');
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await dialog.getByText('Is not the password of this account.').waitFor();
    expect(await started().server.sql('select id from users where id = $1', [user.id])).toHaveLength(1);
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await visit.arrive('Latchkey');
    expect(await started().server.sql('select id from users where id = $1', [user.id])).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('the account of the last administrator', () => {
  test('stays, and says why', async () => {
    const { server } = started();
    const { user, visit } = await atAccount();
    await server.sql('update users set is_administrator = (id = $1)', [user.id]);
    await visit.press('Delete the account…');
    const dialog = visit.page.getByRole('dialog', { name: 'Delete the account?' });
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await dialog.getByText('This is the last administrator: make another one first.').waitFor();
    expect(await dialog.getByLabel('Password', { exact: true }).inputValue()).toBe(password);
    expect(await server.sql('select id from users where id = $1', [user.id])).toHaveLength(1);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('pages on a %s have no barriers and fit', async (device, viewport) => {
    const { visit } = await atAccount({ colorScheme, viewport });
    const look = async (name: string) => {
      await visit.picture(`${name}-${device}-${colorScheme}`);
      expect(await visit.barriers()).toEqual([]);
      expect(await visit.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    };
    await look('account');
    await visit.press('Delete the account…');
    await visit.page.getByRole('dialog').waitFor();
    await look('delete-account');

    const guest = await started().open('/', { colorScheme, viewport });
    for (const path of ['/', '/login', '/register', '/nothing']) {
      await guest.page.goto(path);
      await guest.page.waitForSelector('h1');
      await guest.picture(`${path === '/' ? 'welcome' : path.slice(1)}-${device}-${colorScheme}`);
      expect(await guest.barriers()).toEqual([]);
    }
    await visit.close();
    await guest.close();
  });
});
