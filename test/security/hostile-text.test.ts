import { describe, expect, test } from '@jest/globals';
import { testConsole, type Visit } from '../console/browser.js';
import { answered, editor, run, write } from '../console/playground-page.js';

const started = testConsole();

const hostile: [string, string][] = [
  ['an element with a handler', '<img src=x onerror="window.hacked=1;alert(1)">'],
  ['a script that ends what it stands in', `"></title></script><script>window.hacked=1;alert(1)</script>'`],
  ['an address that is code', "javascript:alert(1)//' onmouseover='alert(1)' x='"],
  ['what templates would fill in', '{{constructor.constructor("alert(1)")()}}#{alert(1)}%3Cscript%3E{nonce}'],
  ['text that turns around', 'safe\u202egnp.exe\u200d\u200b\u2066'],
];

/** Notes every dialog that a page opens, and closes it. */
function dialogsOf({ page }: Visit): string[] {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return dialogs;
}

/** Waits until a page shows this text, or holds it in a field. */
async function shown({ page }: Visit, text: string): Promise<void> {
  await page.waitForFunction(
    (expected) =>
      document.body.textContent.includes(expected) ||
      [...document.querySelectorAll('input, textarea')].some((field) =>
        (field as HTMLInputElement).value.includes(expected),
      ),
    text,
  );
}

/** Whether anything that was meant as text has become something else. */
const harmless = ({ page }: Visit) =>
  page.evaluate(() => ({
    hacked: 'hacked' in window,
    elements: document.querySelectorAll('img[src=x], [onerror], [onmouseover], a[href^="javascript:"]').length,
  }));

describe.each(hostile)('X2 %s', (_name, text) => {
  test('X2: is text on every page that shows names', async () => {
    const { server } = started();
    await server.api(true);
    const root = await server.user({ name: text, isAdministrator: true });
    await server.actingAs(root, ['read']);
    await server.sql('update api_tokens set name = $2 where user_id = $1', [root.id, text]);
    const visit = await started().openAs(root, '/account', 'Account');
    const dialogs = dialogsOf(visit);
    await server.sql('update sessions set user_agent = $2 where user_id = $1', [root.id, text]);
    const [token] = await server.sql('select name from api_tokens where user_id = $1', [root.id]);
    expect(token?.name).toBe(text);

    for (const path of ['/account', '/tokens', '/admin/users', '/admin/tokens']) {
      await visit.page.goto(path);
      await shown(visit, text);
      expect([path, await harmless(visit)]).toEqual([path, { hacked: false, elements: 0 }]);
    }
    await visit.page.goto('/tokens');
    await visit.page.getByRole('link', { name: text }).first().click();
    await visit.page.waitForURL('**/tokens/token_*');
    await shown(visit, text);
    expect(await harmless(visit)).toEqual({ hacked: false, elements: 0 });
    expect(dialogs).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('X2: is text in an address and in an answer of the Playground', async () => {
    const { server } = started();
    const user = await server.user();
    await server.post(user, { title: text });
    const visit = await started().openAs(user, `/tokens/new?${new URLSearchParams({ name: text })}`, 'New token');
    const dialogs = dialogsOf(visit);
    await shown(visit, text);
    expect(await harmless(visit)).toEqual({ hacked: false, elements: 0 });

    await visit.page.goto('/playground');
    await editor(visit.page).locator('.view-line').first().waitFor();
    await write(visit, '{ posts(first: 1) { nodes { title } } }');
    await run(visit);
    await answered(visit, '"title"');
    expect(await harmless(visit)).toEqual({ hacked: false, elements: 0 });
    expect(dialogs).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

test.each(['javascript:alert(1)', '//evil.example', 'https://evil.example/', '/\\evil.example', 'data:text/html,x'])(
  'X2: the address %s is no place to go to after signing in',
  async (next) => {
    const visit = await started().open(`/login?${new URLSearchParams({ next })}`);
    const dialogs = dialogsOf(visit);
    const user = await started().server.user();
    await visit.fill('E-mail', user.email);
    await visit.fill('Password', 'correct horse battery staple');
    await visit.press('Sign in');
    await visit.page.getByRole('button', { name: `Signed in as ${user.name}` }).waitFor();
    expect(visit.page.url().startsWith(`${started().server.origin}/`)).toBe(true);
    expect(dialogs).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  },
);
