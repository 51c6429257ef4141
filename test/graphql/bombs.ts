import { expect } from '@jest/globals';
import type { Answer, Client, TestServer } from '../helper.js';

export const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** The answer to a document that may not run at all: short, with status 400, and nothing has changed. */
export async function refused(
  server: TestServer,
  client: Client,
  document: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const before = await server.contents();
  const answer = await client.send(document, variables, { accept: 'application/graphql-response+json' });
  expect(answer.status).toBe(400);
  expect('data' in JSON.parse(answer.text)).toBe(false);
  expect(answer.text.length).toBeLessThan(5_000);
  expect(await server.contents()).toEqual(before);
  return answer;
}

/** The refusals of an answer: code, limit and value of each. */
export function limitsOf(answer: Answer): unknown[] {
  return (answer.errors ?? []).map(({ extensions: { code, limit, value } }) => [code, limit, value]);
}
