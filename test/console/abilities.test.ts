import { describe, expect, test } from '@jest/globals';
import { desktop, phone, testConsole, type Visit } from './browser.js';

const started = testConsole();

/** A browser in which a new user looks at the reference. */
async function atAbilities(query = '', options: Parameters<ReturnType<typeof started>['open']>[1] = {}) {
  const user = await started().server.user();
  const visit = await started().openAs(user, `/abilities${query}`, 'Abilities', options);
  await visit.page.getByRole('tab', { name: /^Abilities\d+$/ }).waitFor();
  await visit.page.getByRole('tab', { name: /^Fields\d+$/ }).waitFor();
  return visit;
}

/** The entry of an ability or a field. */
function entry({ page }: Visit, name: string) {
  return page
    .getByRole('tabpanel')
    .getByRole('listitem')
    .filter({ has: page.locator('code').getByText(name, { exact: true }) });
}

describe('the reference', () => {
  test('leads from an ability to its fields and from a field to its abilities', async () => {
    const visit = await atAbilities();
    const { page } = visit;
    const update = entry(visit, 'post:update').first();
    await update.getByText('Change and publish your posts.').waitFor();
    await update.getByRole('link', { name: 'Mutation.updatePost' }).click();
    expect(visit.path).toBe('/abilities?q=Mutation.updatePost&by=field');
    const field = entry(visit, 'Mutation.updatePost').first();
    await field.getByText('Requires post:update. Only the author or an administrator.').waitFor();
    expect(await field.getByRole('list', { name: 'Abilities: Mutation.updatePost' }).allInnerTexts()).toEqual([
      'update\npost:update',
    ]);
    await field.getByRole('link', { name: 'update', exact: true }).click();
    expect(visit.path).toBe('/abilities?q=update');
    await entry(visit, 'update').first().getByRole('link', { name: 'post:update' }).waitFor();
    await page.goBack();
    await field.waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('has every field of the schema, and says what each asks for', async () => {
    const { server } = started();
    const visit = await atAbilities('?by=field');
    const { data } = await server.asGuest().send('{ __schema { types { name kind fields { name } } } }');
    const coordinates = data.__schema.types
      .filter(({ name, kind }: { name: string; kind: string }) => kind === 'OBJECT' && !name.startsWith('__'))
      .flatMap(({ name, fields }: { name: string; fields: { name: string }[] }) =>
        fields.map((field) => `${name}.${field.name}`),
      );
    const shown = await visit.page.getByRole('tabpanel').locator('li > code').allTextContents();
    expect(shown.toSorted()).toEqual(coordinates.toSorted());
    await entry(visit, 'ApiToken.preview').getByText('Asks for nothing of its own.').waitFor();
    await entry(visit, 'Query.users').first().getByText('Requires user:read. Only an administrator.').waitFor();
    await entry(visit, 'Query.sessions').getByText('Requires a first-party session.').waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('is searched, and its address leads back to what was found', async () => {
    const visit = await atAbilities('?q=Settings%3AUpdate');
    const { page } = visit;
    await page.getByRole('tab', { name: 'Abilities2' }).waitFor();
    await entry(visit, 'settings:update').first().getByText('Administrators').waitFor();
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('Nothing here has to do with “no such thing”.').waitFor();
    expect(visit.path).toBe('/abilities?q=no+such+thing');
    await page.getByRole('searchbox').fill('Delete posts');
    await page.getByRole('tab', { name: 'Abilities1' }).waitFor();
    await page.reload();
    await entry(visit, 'post:delete').first().waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('leads to the form for a token with an ability', async () => {
    await started().server.api(true);
    const visit = await atAbilities('?q=user:read');
    await visit.page.getByRole('link', { name: 'Create a token with user:read' }).click();
    await visit.arrive('New token');
    expect(await visit.page.getByLabel('Read users').isChecked()).toBe(true);
    expect(await visit.page.getByLabel('Read posts').isChecked()).toBe(false);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('both ways on a %s have no barriers and fit', async (device, viewport) => {
    const visit = await atAbilities('', { colorScheme, viewport });
    for (const by of ['ability', 'field']) {
      await visit.page.goto(`/abilities?by=${by}`);
      await visit.page.getByRole('tabpanel').locator('code').first().waitFor();
      await visit.picture(`abilities-${by}-${device}-${colorScheme}`);
      expect(await visit.barriers()).toEqual([]);
      expect(await visit.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    }
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
