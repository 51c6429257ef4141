import { describe, expect, test } from '@jest/globals';
import { desktop, phone, testConsole } from './browser.js';

const started = testConsole();
const dayMs = 86_400_000;

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('administration on a %s has no barriers and fits', async (device, viewport) => {
    const { server } = started();
    await server.sql('delete from users');
    await server.api(true);
    const disabled = await server.user({ name: 'Charles Babbage', email: 'charles.babbage@example.com' });
    await server.actingAs(disabled, []);
    await server.sql('update users set disabled_at = now() where id = $1', [disabled.id]);
    await server.user({
      name: 'Somebody whose name is longer than most',
      email: `an-address-that-wants-more-room@department.example.com`,
      isAdministrator: true,
    });
    const ada = await server.user({ name: 'Ada Lovelace', email: 'ada@example.com' });
    await server.actingAs(ada, ['post:read', 'user:read'], new Date(Date.now() + dayMs));
    await server.sql(`update api_tokens set expires_at = now() - interval '1 hour' where user_id = $1`, [ada.id]);
    const many = ['create', 'read', 'update', 'delete', 'post:read', 'user:read', 'settings:read'];
    await (await server.actingAs(ada, many, new Date(Date.now() + 20 * dayMs))).send('{ viewer { kind } }');
    const root = await server.user({ name: 'Grace Hopper', email: 'grace@example.com', isAdministrator: true });

    const visit = await started().openAs(root, '/admin', 'Settings', { colorScheme, viewport });
    const { page } = visit;
    const look = async (name: string) => {
      await page.evaluate(() => window.scrollTo(0, 0));
      await visit.picture(`${name}-${device}-${colorScheme}`);
      expect(await visit.barriers()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    };
    const go = (name: string) =>
      page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }).click();
    await page.getByRole('checkbox', { name: 'Read posts' }).waitFor();
    await page.getByRole('radio', { name: 'A number of days' }).click();
    await look('admin');
    await page.getByRole('switch', { name: 'Enable API' }).click();
    await page.getByRole('dialog').waitFor();
    await look('admin-switch');
    await visit.press('Switch off');
    await page.getByText('The API is switched off.').waitFor();
    await visit.press('Dismiss');

    await go('Users');
    await visit.arrive('Users');
    await page.getByText('Ada Lovelace').waitFor();
    await look('admin-users');
    await visit.press('Change Ada Lovelace');
    await page.getByRole('menuitem', { name: 'Disable…' }).waitFor();
    await look('admin-users-menu');
    await page.getByRole('menuitem', { name: 'Disable…' }).click();
    await page.getByRole('dialog').waitFor();
    await look('admin-users-disable');
    await visit.press('Cancel');
    await visit.fill('Search users', 'nobody at all');
    await page.getByText('Nothing here is like that.').waitFor();
    await look('admin-users-none');

    await go('Tokens');
    await visit.arrive('All tokens');
    await page.getByText('Owner disabled').waitFor();
    await look('admin-tokens');
    await page
      .getByRole('button', { name: /^Revoke/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    await look('admin-tokens-revoke');
    await page.goto(`${server.origin}/admin/tokens?owner=nonsense`);
    await page.getByRole('alert').waitFor();
    await look('admin-tokens-refused');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
