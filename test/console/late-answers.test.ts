import { beforeEach, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { testConsole } from './browser.js';
import { needs, runAs, runAsReader, signedIn, write } from './playground-page.js';

const started = testConsole();

beforeEach(() => started().server.api(true));

describe('while the server takes its time', () => {
  test('what is typed on after a token was saved stays', async () => {
    const { server } = started();
    const user = await server.user();
    await server.actingAs(user, ['post:read']);
    const [row] = await server.sql<{ id: string }>('select id from api_tokens where user_id = $1', [user.id]);
    const visit = await started().openAs(user, `/tokens/${apiTokenId.encode(row?.id ?? '')}`, 'Test');
    const name = visit.page.getByRole('textbox', { name: 'Name' });
    const goOn = await visit.holdBack('mutation UpdateApiToken');
    await name.fill('Website');
    await visit.press('Save');
    await name.fill('Website and shop');
    goOn();
    await visit.page.getByText('“Website” is saved.').waitFor();
    expect(await name.inputValue()).toBe('Website and shop');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('nobody is told that they have no tokens because a search found none', async () => {
    const { server } = started();
    const user = await server.user();
    await server.actingAs(user, ['post:read']);
    const visit = await started().openAs(user, '/tokens?q=nothing', 'Tokens');
    const { page } = visit;
    await page.getByText('None of your tokens has a name with “nothing”.').waitFor();
    const goOn = await visit.holdBack('query ApiTokens');
    const field = page.getByRole('searchbox');
    await field.fill('');
    await page.waitForURL('**/tokens');
    await field.fill('Test');
    goOn();
    await page.getByRole('link', { name: 'Test' }).waitFor();
    expect(await field.inputValue()).toBe('Test');
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('a dialog stays until it is known what came of it', async () => {
    const { server } = started();
    const root = await server.user({ isAdministrator: true });
    await server.user({ name: 'Anna Winlock' });
    const visit = await started().openAs(root, '/admin/users?search=Winlock', 'Users');
    const { page } = visit;
    const goOn = await visit.holdBack('mutation UpdateUser');
    await page.getByRole('button', { name: 'Change Anna Winlock', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Disable…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disable Anna Winlock?' });
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByRole('button', { name: 'Cancel', disabled: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(1);
    goOn();
    await page.getByText('Anna Winlock is disabled and signed out.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('the way to a token for a document waits for what that document needs', async () => {
    const { visit } = await signedIn(started());
    const { page } = visit;
    const link = page.getByRole('link', { name: 'Create a token for this query' });
    await write(visit, 'query Feed { posts { nodes { title } } }');
    await link.and(page.locator('[href*="name=Feed"]')).waitFor();
    const goOn = await visit.holdBack('query AccessPlan');
    await write(visit, 'mutation Remove { deletePost(id: "post_1") }');
    await link.and(page.locator('[aria-disabled=true]:not([href])')).waitFor();
    goOn();
    await link.and(page.locator('[href*="name=Remove"][href*="post:delete"]')).waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('what a token was refused for is no end of the session', async () => {
    const { server } = started();
    const { visit, elsewhere } = await signedIn(started());
    const { page } = visit;
    await runAsReader(visit, elsewhere);
    await server.sql('update api_tokens set expires_at = created_at');
    await write(visit, '{ posts { nodes { id } } }');
    await needs(page).getByText('The server refuses this token').waitFor();
    await runAs(visit, 'Myself');
    await needs(page).getByText('All are granted').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await visit.close();
  });
});
