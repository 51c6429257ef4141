import { describe, expect, test } from '@jest/globals';
import { testConsole, type Visit } from './browser.js';

const started = testConsole();
const viewerKind = '{ viewer { kind } }';

/** A browser in which a new administrator is signed in and looks at a page. */
async function asAdministrator(path: string, heading: string): Promise<Visit> {
  return started().openAs(await started().server.user({ name: 'Root', isAdministrator: true }), path, heading);
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

  test('are shown as the last of two quick changes left them, also when what was read in between arrives late', async () => {
    const { server } = started();
    await server.api(true);
    await server.actingAs(await server.user(), ['user:read']);
    const visit = await asAdministrator('/admin', 'Settings');
    const { page } = visit;
    const apiSwitch = page.getByRole('switch', { name: 'Enable API' });
    await page.getByText(/^Programs with a token are answered: \d+ tokens? /).waitFor();

    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const isRead = (request: { postData(): string | null }) =>
      request.postData()?.includes('query ApiSettings') ?? false;
    let reads = 0;
    await page.route('**/graphql', async (route) => {
      reads += isRead(route.request()) ? 1 : 0;
      if (!isRead(route.request()) || reads > 1) {
        await route.continue();
        return;
      }
      const response = await route.fetch();
      await released;
      await route.fulfill({ response });
    });
    await apiSwitch.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('The API is switched off.').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await apiSwitch.click();
    await page.getByText('The API is switched on.').waitFor();
    expect(await apiSwitch.isChecked()).toBe(true);
    const readAgain = page.waitForRequest(isRead);
    release();
    await (await (await readAgain).response())?.finished();
    await page.getByText(/^Programs with a token are answered: \d+ tokens? /).waitFor();
    expect(await apiSwitch.isChecked()).toBe(true);
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
    expect(await days.inputValue()).toBe('0');
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
      const visit = await started().openAs(user, path, 'There is nothing here');
      expect(await visit.page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
      expect(visit.faults).toEqual([]);
      await visit.close();
    }
  });
});
