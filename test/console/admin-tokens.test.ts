import { describe, expect, test } from '@jest/globals';
import { publicIdOf } from '../helper.js';
import { testConsole, type Visit } from './browser.js';

const started = testConsole();
const viewerKind = '{ viewer { kind } }';

/** A browser in which a new administrator is signed in and looks at a page. */
async function asAdministrator(path: string, heading: string): Promise<Visit> {
  return started().openAs(await started().server.user({ name: 'Root', isAdministrator: true }), path, heading);
}

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
    await page.waitForFunction(
      () => document.activeElement !== document.body && document.querySelector('[role=dialog]') === null,
    );
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
    await page.getByText('Old and idle').waitFor();
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
