import { describe, expect, test } from '@jest/globals';
import { password } from '../helper.js';
import { chosenPassword, phone, testConsole, type Visit } from './browser.js';

const started = testConsole({ LOGIN_ATTEMPTS_PER_MINUTE: '3' });

async function signIn(visit: Visit, email: string, secret: string = password): Promise<void> {
  await visit.fill('E-mail', email);
  await visit.fill('Password', secret);
  await visit.press('Sign in');
}

async function signOut({ page }: Visit): Promise<void> {
  await page.getByRole('button', { name: /^Signed in as/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

describe('somebody', () => {
  test('makes an account, signs out and in again, and leaves nothing behind', async () => {
    const visit = await started().open('/');
    await visit.arrive('Latchkey');
    await visit.page.getByRole('link', { name: 'Create an account' }).click();
    await visit.arrive('Create an account');
    await visit.fill('Name', 'Ada Lovelace');
    await visit.fill('E-mail', 'ada@example.com');
    await visit.fill('Password', chosenPassword);
    await visit.press('Create the account');
    await visit.arrive('Account');
    expect(await visit.page.title()).toBe('Account · Latchkey');
    await visit.page.getByText('This browser').waitFor();

    await signOut(visit);
    await visit.page.getByText('You are signed out.').waitFor();
    await visit.arrive('Latchkey');
    const cookies = await visit.page.context().cookies();
    expect(cookies).toEqual([]);

    await visit.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await visit.arrive('Sign in');
    await signIn(visit, 'ada@example.com', chosenPassword);
    await visit.arrive('Account');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('is told what is wrong beside the fields, keeps what was typed, and gets on', async () => {
    const user = await started().server.user();
    const visit = await started().open('/register', { viewport: phone });
    const { page } = visit;
    await visit.fill('Name', 'Grace');
    await visit.fill('E-mail', 'nowhere');
    await visit.fill('Password', 'short');
    await visit.press('Create the account');
    const email = page.getByLabel('E-mail', { exact: true });
    await page.getByText('Must be an e-mail address.').waitFor();
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await email.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByText('Must have at least 8 characters.').count()).toBe(1);
    expect(await email.inputValue()).toBe('nowhere');

    await visit.fill('Password', chosenPassword);
    await visit.fill('E-mail', user.email);
    expect(await page.getByText('Must be an e-mail address.').count()).toBe(0);
    await visit.press('Create the account');
    await page.getByText('Is taken.').waitFor();
    expect(await email.getAttribute('aria-invalid')).toBe('true');

    await visit.fill('E-mail', 'grace@example.com');
    await visit.press('Create the account');
    await visit.arrive('Account');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('comes to where they were going', async () => {
    const user = await started().server.user();
    const visit = await started().open('/account?from=mail');
    await visit.arrive('Sign in');
    expect(visit.path).toBe('/login?next=%2Faccount%3Ffrom%3Dmail');
    await signIn(visit, user.email);
    await visit.arrive('Account');
    expect(visit.path).toBe('/account?from=mail');
    await visit.close();
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/%09/evil.example',
    'evil.example',
    '',
  ])('is not led to %j', async (next) => {
    const user = await started().server.user();
    const visit = await started().open(`/login?${new URLSearchParams({ next })}`);
    await signIn(visit, user.email);
    await visit.page.waitForFunction(() => window.location.pathname !== '/login');
    expect(new URL(visit.page.url()).origin).toBe(started().server.origin);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('is told how long to wait after too many wrong passwords', async () => {
    const user = await started().server.user();
    const visit = await started().open('/login');
    for (const _ of [1, 2, 3]) {
      await signIn(visit, user.email, 'a wrong one');
      await visit.page.getByText('The e-mail address or the password is wrong.').waitFor();
    }
    await signIn(visit, user.email, 'a wrong one');
    const notice = visit.page.getByRole('alert');
    await notice.getByText(/^Too many attempts\. Try again in \d+ seconds?\.$/).waitFor();
    const seconds = Number(/\d+/.exec((await notice.textContent()) ?? '')?.[0]);
    await visit.page.waitForFunction(
      (first) => Number(/\d+/.exec(document.querySelector('[role=alert]')?.textContent ?? '')?.[0]) < first,
      seconds,
    );
    expect(await visit.page.getByLabel('E-mail', { exact: true }).inputValue()).toBe(user.email);
    await visit.close();
  });
});

describe('E10: whoever comes to the browser after someone signed out', () => {
  test('sees nothing of them behind the back button, by the reload or in what the browser keeps', async () => {
    const { server } = started();
    const user = await server.user({ name: 'canary-name', email: 'canary@example.com' });
    await server.api(true);
    await server.actingAs(user, ['read']);
    await server.sql(`update api_tokens set name = 'canary-token' where user_id = $1`, [user.id]);
    const visit = await started().openAs(user, '/tokens', 'Tokens');
    const { page } = visit;
    await page.getByText('canary-token').first().waitFor();
    await page.goto('/account');
    await page.getByText('canary-name').first().waitFor();
    await signOut(visit);
    await page.getByText('You are signed out.').waitFor();
    for (const step of ['back', 'back', 'reload', 'forward']) {
      await (step === 'reload' ? page.reload() : step === 'back' ? page.goBack() : page.goForward());
      await visit.arrive('Sign in');
      await page.waitForLoadState('networkidle');
      expect([step, (await page.content()).includes('canary')]).toEqual([step, false]);
    }
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('canary');
    expect((await page.context().cookies()).filter(({ name }) => name.includes('latchkey'))).toEqual([]);
    await visit.close();
  });
});

describe('a session that ends elsewhere', () => {
  test('leads to signing in over the page, and what was asked for is done', async () => {
    const { server } = started();
    const user = await server.user();
    const visit = await started().open('/login');
    await signIn(visit, user.email);
    await visit.arrive('Account');
    await visit.fill('Current password', password);
    await visit.fill('New password', chosenPassword);
    await server.sql('delete from sessions');
    await visit.press('Change the password');
    const dialog = visit.page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    expect(await dialog.getByLabel('E-mail').inputValue()).toBe(user.email);
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('The password is changed.').waitFor();
    expect(visit.path).toBe('/account');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe('a lost connection', () => {
  test('is told, and what was being read arrives once it is back', async () => {
    const { server } = started();
    const user = await server.user();
    const visit = await started().open('/login');
    await signIn(visit, user.email);
    await visit.page.getByText('This browser').waitFor();
    await server.sql('update sessions set user_agent = $1', ['Another one']);
    await visit.page.context().setOffline(true);
    await visit.page.getByRole('link', { name: 'Latchkey, home' }).click();
    await visit.page.getByText('The server cannot be reached. The page tries again by itself.').waitFor();
    await visit.page.context().setOffline(false);
    await visit.page.getByText('Another one').waitFor();
    await visit.page.getByText('The page tries again by itself.').waitFor({ state: 'detached' });
    await visit.close();
  });
});
