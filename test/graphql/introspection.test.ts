import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { loadConfig } from '../../src/config.js';
import { readLines } from '../access/outcomes.js';
import { readAnswer, TestServer, testServer } from '../helper.js';

const questions: [string, string][] = [
  ['the whole schema', getIntrospectionQuery()],
  ['one type', '{ __type(name: "User") { fields { name } } }'],
  ['a schema behind a fragment', 'query { ...S } fragment S on Query { __schema { queryType { name } } }'],
  ['a schema behind an alias', '{ innocent: __schema { types { name } } }'],
  ['the fields that abilities unlock', '{ abilities { unlocks } }'],
  ['the fields of a document', '{ accessPlan(document: "{ viewer { kind } }") { coordinates { coordinate } } }'],
];

describe('E5: in production', () => {
  const server = testServer({ NODE_ENV: 'production', APP_URL: 'https://api.example.com' });
  let origin = '';

  /** The server is public under another name, so the tests go to where it really listens. */
  async function ask(query: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, text: await response.text() };
  }

  beforeAll(async () => {
    const address = server().app.http.server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    await server().api(true);
  });

  test.each(questions)('a guest who asks for %s is refused', async (_name, query) => {
    const { status, text } = await ask(query);
    expect(status).toBe(401);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(text).not.toMatch(/queryType|Query\.|Viewer\./);
  });

  test.each(questions)('a session and a token may ask for %s', async (_name, query) => {
    const user = await server().user();
    const { cookie } = await server().withSession(user);
    const { token } = await server().actingAs(user, []);
    const credentials: Record<string, string>[] = [
      { cookie: cookie.replace('latchkey=', '__Host-latchkey=') },
      { authorization: `Bearer ${token}` },
    ];
    for (const headers of credentials) {
      const { status, text } = await ask(query, headers);
      expect(status).toBe(200);
      expect(JSON.parse(text).errors).toBeUndefined();
    }
  });

  test('no open field tells a guest of a coordinate of the schema', async () => {
    const { text } = await ask('{ abilities { name title description group implies adminOnly isDefault } }');
    const coordinates = readLines().map(({ coordinate }) => coordinate);
    expect(JSON.parse(text).errors).toBeUndefined();
    expect(coordinates.filter((coordinate) => text.includes(coordinate))).toEqual([]);
  });

  test('a guest may ask what an object is', async () => {
    expect(JSON.parse((await ask('{ __typename }')).text)).toEqual({ data: { __typename: 'Query' } });
  });

  test.each(['{ viewr { kind } }', '{ viewer { kindd } }', '{ post(idd: 1) { id } }', '{ __schema { directive } }'])(
    '%s gets no suggestion of what exists',
    async (query) => {
      const { status, text } = await ask(query);
      expect(status).toBe(400);
      expect(text).not.toMatch(/did you mean/i);
    },
  );

  test('there is no page to explore the API', async () => {
    const response = await fetch(`${origin}/graphql`, { headers: { accept: 'text/html' } });
    const text = await response.text();
    expect(response.status).toBe(405);
    expect(text).not.toMatch(/<html|graphiql|playground|apollo/i);
  });
});

describe('in development', () => {
  const server = testServer({ NODE_ENV: 'development', LOG_LEVEL: 'silent' });

  test.each(questions)('a guest may ask for %s', async (_name, query) => {
    const answer = await server().asGuest().send(query);
    expect(answer.errors).toBeUndefined();
    expect(answer.status).toBe(200);
  });

  test('a misspelt field gets a suggestion', async () => {
    const answer = await server().asGuest().send('{ viewr { kind } }');
    expect(answer.errors?.[0]?.message).toMatch(/Did you mean "viewer"/);
  });
});

describe('in tests', () => {
  const server = testServer();

  test('a misspelt field gets none', async () => {
    const answer = await server().asGuest().send('{ viewr { kind } }');
    expect(answer.text).not.toMatch(/did you mean/i);
  });
});

describe('E6: what NODE_ENV says to libraries', () => {
  const said = process.env.NODE_ENV;
  afterEach(() => {
    process.env.NODE_ENV = said;
  });

  test.each([undefined, '', 'prod', 'Production', 'development', 'test'])(
    'decides nothing: %p shows neither the schema nor a stack',
    async (value) => {
      if (value === undefined) {
        delete process.env.NODE_ENV;
      } else {
        process.env.NODE_ENV = value;
      }
      const server = await TestServer.start({ NODE_ENV: 'production', APP_URL: 'http://localhost:4000' });
      try {
        const address = server.app.http.server.address();
        const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
        const ask = async (query: string) => {
          const response = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
            body: JSON.stringify({ query }),
          });
          return readAnswer(response);
        };
        expect((await ask(getIntrospectionQuery())).codes).toEqual(['UNAUTHENTICATED']);
        expect((await ask('{ viewr { kind } }')).text).not.toMatch(/did you mean/i);
        await server.sql('alter table api_settings rename to settings_away');
        const failed = await ask('{ apiSettings { enabled } }');
        expect(failed.codes).toEqual(['INTERNAL_SERVER_ERROR']);
        expect(Object.keys(failed.errors?.[0]?.extensions ?? {}).sort()).toEqual(['code', 'requestId']);
      } finally {
        await server.stop();
      }
    },
  );

  test.each(['prod', 'Production', 'PRODUCTION', 'production ', 'live'])(
    'is not guessed at: %j stops the start',
    (NODE_ENV) => {
      expect(() => loadConfig({ NODE_ENV })).toThrow('NODE_ENV must be development, production or test.');
    },
  );

  test('without a word the server is for this machine alone, and shows no stack either', async () => {
    const { mode, host } = loadConfig({});
    expect([mode, host]).toEqual(['development', '127.0.0.1']);
    const server = await TestServer.start({ NODE_ENV: 'development' });
    try {
      await server.sql('alter table api_settings rename to settings_away');
      const failed = await server.asGuest().send('{ apiSettings { enabled } }');
      expect(Object.keys(failed.errors?.[0]?.extensions ?? {}).sort()).toEqual(['code', 'requestId']);
      expect(failed.errors?.[0]?.message).toBe('Something went wrong on our side.');
    } finally {
      await server.stop();
    }
  });
});
