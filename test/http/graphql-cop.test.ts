import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readAnswer, testServer } from '../helper.js';
import { builtConsole } from './built-console.js';

const folder = builtConsole();
const server = testServer({ NODE_ENV: 'production', LOG_LEVEL: 'silent', CONSOLE: folder });

afterAll(() => rmSync(folder, { recursive: true }));

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

async function post(body: unknown, type = 'application/json') {
  return readAnswer(
    await fetch(server().url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

const ask = (query: string) => post({ query });
const get = (query: string) => fetch(`${server().url}?${new URLSearchParams({ query })}`);

/** What https://github.com/dolevf/graphql-cop (1.15) looks for: each test is one of its probes, and says what it reports. */
describe('H12 the probes of graphql-cop against a server in production', () => {
  test('H12: field_suggestions', async () => {
    const answer = await ask('query cop { __schema { directive } }');
    expect(answer.status).toBe(400);
    expect(answer.text).not.toMatch(/did you mean/i);
  });

  test('H12: introspection', async () => {
    const answer = await ask('query cop { __schema { types { name fields { name } } } }');
    expect([answer.status, answer.codes]).toEqual([401, ['UNAUTHENTICATED']]);
    expect(answer.data).toBeUndefined();
  });

  test.each(['/graphql', '/', '/graphiql', '/playground', '/console', '/v1/graphiql'])(
    'H12: detect_graphiql at %s',
    async (path) => {
      const response = await fetch(`${server().origin}${path}`, { headers: { accept: 'text/html' } });
      expect(await response.text()).not.toMatch(/graphiql\.min\.css|GraphQL Playground|GraphiQL|graphql-playground/);
    },
  );

  test('H12: get_method_support', async () => {
    const response = await get('query cop { __typename }');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).not.toHaveProperty('data');
  });

  test('H12: alias_overloading', async () => {
    const answer = await ask(`query cop { ${repeat(101, (index) => `alias${index}: __typename`)} }`);
    expect(answer.status).toBe(400);
    expect(answer.data).toBeUndefined();
  });

  test('H12: batch_query', async () => {
    const answer = await post(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })));
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
  });

  test('H12: trace_mode', async () => {
    const answer = await ask('query cop { __typename }');
    expect(answer.data).toEqual({ __typename: 'Query' });
    expect(answer.text).not.toMatch(/tracing|ftv1|resolvers|duration/i);
  });

  test('H12: directive_overloading', async () => {
    const answer = await ask(`query cop { __typename ${'@aa'.repeat(10)} }`);
    expect(answer.status).toBe(400);
    expect(answer.errors?.length).toBeLessThan(10);
  });

  test('H12: circular_query_introspection', async () => {
    const answer = await ask(
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    );
    expect([400, 401]).toContain(answer.status);
    expect(answer.data).toBeUndefined();
  });

  test('H12: get_based_mutation', async () => {
    const response = await get('mutation cop { __typename }');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).not.toHaveProperty('data');
  });

  test('H12: post_based_csrf', async () => {
    const answer = await post('query=query+cop+%7B__typename%7D', 'application/x-www-form-urlencoded');
    expect([answer.status, answer.codes]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    expect(answer.data).toBeUndefined();
  });

  test('H12: unhandled_error_detection', async () => {
    const answer = await ask('qwerty cop { abc }');
    expect([answer.status, answer.codes]).toEqual([400, ['GRAPHQL_PARSE_FAILED']]);
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {})).toEqual(['code']);
  });

  test('H12: field_duplication, which upstream has parked: repeated fields are one, and not without end', async () => {
    const answer = await ask(`query cop { ${repeat(500, () => '__typename')} }`);
    expect(answer.data).toEqual({ __typename: 'Query' });
    expect(answer.text.length).toBeLessThan(500);
    const more = await ask(`query cop { ${repeat(1_001, () => '__typename')} }`);
    expect(more.status).toBe(400);
    expect(more.data).toBeUndefined();
  });
});
