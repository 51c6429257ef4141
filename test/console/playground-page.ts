import { expect } from '@jest/globals';
import { type Client, password } from '../helper.js';
import type { Console, Visit } from './browser.js';

type Options = Parameters<Console['open']>[1];
type Page = Visit['page'];

/** The Playground in a browser with nobody signed in. */
export async function asGuest(console: Console, options: Options = {}): Promise<Visit> {
  const visit = await console.open('/playground', options);
  await ready(visit);
  return visit;
}

/** The Playground in a browser in which a new user is signed in, and the same user elsewhere. */
export async function signedIn(console: Console, options: Options = {}) {
  const { server } = console;
  const user = await server.user({ name: 'Ada Lovelace' });
  const visit = await console.open('/login?next=/playground', options);
  await signIn(visit, user.email);
  await ready(visit);
  return { user, visit, elsewhere: await server.withSession(user) };
}

export async function signIn(visit: Visit, email: string): Promise<void> {
  await visit.fill('E-mail', email);
  await visit.fill('Password', password);
  await visit.press('Sign in');
}

/** Waits until there is something to write in, and what it needs is told. */
export async function ready({ page }: Visit): Promise<void> {
  await editor(page).locator('.view-line').first().waitFor();
  await needs(page).getByRole('status').waitFor();
}

export const editor = (page: Page) => page.getByRole('region', { name: 'Operation Editor' });
export const needs = (page: Page) => page.getByRole('region', { name: 'What it needs' });
export const history = (page: Page) => page.getByRole('region', { name: 'History' });
const answer = (page: Page) => page.locator('.graphiql-response');
export const need = (page: Page, name: string) => needs(page).getByRole('listitem').filter({ hasText: name });

export async function write({ page }: Visit, document: string): Promise<void> {
  await editor(page).locator('.view-lines').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  // As pasted: brackets that are typed bring their counterparts.
  await page.keyboard.insertText(document);
}

export async function run({ page }: Visit): Promise<void> {
  await page.getByRole('button', { name: /^Execute query/ }).click();
}

/** The answer as it is shown; long ones only in part. */
export async function answered({ page }: Visit, text: string | RegExp): Promise<void> {
  await answer(page).locator('.view-lines').getByText(text).first().waitFor();
}

export async function runAs({ page }: Visit, kind: 'Myself' | 'A token' | 'Abilities'): Promise<void> {
  await page.getByRole('region', { name: 'Run as' }).getByText(kind, { exact: true }).click();
}

export async function createToken(client: Client, name: string, abilities: string[]): Promise<void> {
  const { errors } = await client.send(
    'mutation ($name: String!, $abilities: [String!]!) { createApiToken(name: $name, abilities: $abilities) { plainTextToken } }',
    { name, abilities },
  );
  expect(errors).toBeUndefined();
}

/** Makes a token that may read, and runs as it. */
export async function runAsReader(visit: Visit, elsewhere: Client): Promise<void> {
  await createToken(elsewhere, 'Short-lived', ['read']);
  await runAs(visit, 'A token');
  await visit.page.getByRole('combobox', { name: 'Token' }).click();
  await visit.page.getByRole('option', { name: 'Short-lived' }).click();
  await need(visit.page, 'post:read').getByText('granted').waitFor();
}

/** What the browser says of answers with a status of refusal is no fault of the page. */
export const unexpected = ({ faults }: Visit) =>
  faults.filter((fault) => !/status of 40[0134] .* at .*\/playground$/.test(fault));
