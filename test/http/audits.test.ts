import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { testServer } from '../helper.js';

/** How this server does in each audit of the GraphQL-over-HTTP specification, and why where it is not `ok`. */
type Outcomes = Record<string, { audit: string; status: 'ok' | 'notice' | 'warn'; why?: string }>;
const outcomes: Outcomes = JSON.parse(readFileSync(new URL('./audits.json', import.meta.url), 'utf8'));

const modes: [string, Record<string, string>][] = [
  ['in tests, as a guest', {}],
  ['in production, with a token, because guests may not introspect there', { NODE_ENV: 'production' }],
];

describe.each(modes)('H1 the audits of graphql-http %s', (_mode, env) => {
  const server = testServer(env);
  const credentials: Record<string, string> = {};

  beforeAll(async () => {
    if (env.NODE_ENV === 'production') {
      await server().api(true);
      credentials.authorization = `Bearer ${(await server().actingAs(await server().user(), [])).token}`;
    }
  });

  const audits = serverAudits({
    url: () => server().url,
    fetchFn: (url: string, request: RequestInit = {}) =>
      fetch(url, { ...request, headers: { ...(request.headers as Record<string, string>), ...credentials } }),
  });

  test('H1: are those of the list, and all that is not `ok` there has its reason', () => {
    expect(Object.fromEntries(audits.map(({ id, name }) => [id, name]))).toEqual(
      Object.fromEntries(Object.entries(outcomes).map(([id, { audit }]) => [id, audit])),
    );
    expect(audits).toHaveLength(61);
    for (const [id, { status, why }] of Object.entries(outcomes)) {
      expect([id, ['ok', 'notice', 'warn'].includes(status), why !== undefined]).toEqual([id, true, status !== 'ok']);
    }
  });

  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('H1: %s %s', async (id, _name, audit) => {
    const result = await audit.fn();
    expect({ status: result.status, reason: 'reason' in result ? result.reason : undefined }).toEqual({
      status: outcomes[id]?.status,
      reason: outcomes[id]?.status === 'ok' ? undefined : expect.any(String),
    });
  });
});
