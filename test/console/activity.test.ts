import { describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { desktop, phone, testConsole } from './browser.js';

const started = testConsole();
const login = 'mutation ($email: String!) { login(email: $email, password: "not the one") { kind } }';

let histories = 0;

/** A user and an administrator of whom there is something to tell; returns the id of a token that was revoked. */
async function history() {
  const { server } = started();
  histories += 1;
  await server.sql('delete from users');
  await server.sql('update api_settings set maximum_token_lifetime_days = null');
  await server.sql('delete from audit_events');
  await server.api(true);
  const user = await server.user({ name: 'Ada Lovelace', email: `ada-${histories}@example.com` });
  const root = await server.user({ name: 'Grace Hopper', isAdministrator: true });
  const browser = await server.withSession(user);
  await browser.send('mutation { createApiToken(name: "Backup", abilities: ["post:read"]) { apiToken { id } } }');
  const token = apiTokenId.encode(parseToken('lk', (await server.actingAs(user, ['read'])).token)?.id ?? '');
  const console = await server.withSession(root);
  await console.send('mutation ($id: ID!) { revokeApiToken(id: $id) }', { id: token });
  await console.send('mutation { updateApiSettings(maximumTokenLifetimeDays: 90) { enabled } }');
  for (let index = 0; index < 3; index += 1) {
    await server.asGuest().send(login, { email: user.email });
  }
  await server.app.services.refusals.close();
  return { user, root, token };
}

describe('activity', () => {
  test('of oneself is told with who and from where, and narrowed to what was refused', async () => {
    const { user } = await history();
    const visit = await started().openAs(user, '/activity', 'Activity');
    const { page } = visit;
    const rows = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
    await rows.filter({ hasText: 'Token revoked' }).filter({ hasText: 'Grace Hopper' }).waitFor();
    await rows.filter({ hasText: 'Token created' }).filter({ hasText: 'Name: Backup' }).first().waitFor();
    expect(await rows.filter({ hasText: 'Settings changed' }).count()).toBe(0);
    await page.getByLabel('Outcome').selectOption('Refused');
    await page.getByText('2 entries shown').waitFor({ state: 'attached' });
    await rows.filter({ hasText: 'Refused 2 times' }).filter({ hasText: '127.0.0.1' }).waitFor();
    expect(visit.path).toBe('/activity?outcome=REFUSED');
    await page.getByLabel('What', { exact: true }).selectOption('Password changed');
    await page.getByText('Nothing here is like that.').waitFor();
    await visit.press('Show everything');
    await rows.filter({ hasText: 'Token revoked' }).waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('of everyone is the administrators’, and found by the id of a record', async () => {
    const { user, root, token } = await history();
    const visit = await started().openAs(root, '/admin/activity', 'All activity');
    const { page } = visit;
    const rows = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
    await rows.filter({ hasText: 'Settings changed' }).filter({ hasText: 'Days that a token may live: 90' }).waitFor();
    await visit.fill('Search activity', token);
    await page.getByText('2 entries shown').waitFor({ state: 'attached' });
    await rows.filter({ hasText: 'Of Ada Lovelace' }).filter({ hasText: 'Token revoked' }).waitFor();
    await visit.fill('Search activity', 'nonsense');
    await page.getByRole('alert').waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
    const other = await started().openAs(user, '/admin/activity', 'There is nothing here');
    await other.close();
  });

  test('beyond the first twenty is on further pages', async () => {
    const { user } = await history();
    const { server } = started();
    for (let count = 0; count < 20; count += 1) {
      await server.withSession(user);
    }
    const visit = await started().openAs(user, '/activity', 'Activity');
    await visit.page.getByText('20 entries shown').waitFor({ state: 'attached' });
    await visit.press('Next');
    await visit.page.getByText('20 entries shown').waitFor({ state: 'detached' });
    await visit.press('Previous');
    await visit.page.getByText('20 entries shown').waitFor({ state: 'attached' });
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('activity on a %s has no barriers and fits', async (device, viewport) => {
    const { root } = await history();
    const visit = await started().openAs(root, '/admin/activity', 'All activity', { colorScheme, viewport });
    const { page } = visit;
    const look = async (name: string) => {
      await page.getByText(/entries shown/).waitFor({ state: 'attached' });
      await visit.picture(`${name}-${device}-${colorScheme}`);
      expect(await visit.barriers()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    };
    await look('admin-activity');
    await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Activity' }).click();
    await visit.arrive('Activity');
    await look('activity');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
