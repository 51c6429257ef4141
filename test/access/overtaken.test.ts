import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AbstractSqlConnection } from '@mikro-orm/postgresql';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, testServer } from '../helper.js';

const server = testServer();
let owner: User;
let other: User;
let browser: Client;

/** Runs `work` once the rules have decided: when the first statement that fits, or a transaction, is on its way to the database. */
function overtake(writes: RegExp | 'a transaction', work: () => Promise<unknown>): { happened: () => boolean } {
  const connection = server().app.services.em.getConnection() as AbstractSqlConnection;
  let done = false;
  const once = async () => {
    if (!done) {
      done = true;
      await work();
    }
  };
  if (writes === 'a transaction') {
    const begin = connection.begin.bind(connection);
    jest.spyOn(connection, 'begin').mockImplementation(async (options) => {
      await once();
      return begin(options);
    });
    return { happened: () => done };
  }
  const client = connection.getClient();
  const execute = client.executeQuery.bind(client);
  jest.spyOn(client, 'executeQuery').mockImplementation((async (query: { sql: string }, ...rest: never[]) => {
    if (writes.test(query.sql)) {
      await once();
    }
    return execute(query as never, ...rest);
  }) as never);
  return { happened: () => done };
}

beforeAll(async () => {
  await server().api(true);
  owner = await server().user();
  other = await server().user();
  browser = await server().withSession(owner);
});
beforeEach(async () => {
  await server().sql('delete from posts');
  await server().sql('delete from api_tokens');
  await server().sql('delete from sessions where user_id <> $1', [owner.id]);
});
afterEach(() => {
  jest.restoreAllMocks();
});

interface Case {
  readonly field: string;
  readonly table: string;
  readonly column: string;
  /** Makes the record and returns the row's id. */
  readonly make: () => Promise<string>;
  readonly ask: (id: string) => Promise<Answer>;
  readonly writes: RegExp | 'a transaction';
  /** The code when the record went, or changed hands, after the rules had said yes. */
  readonly code: string;
}

const makeToken = async () => {
  await server().actingAs(owner, ['read']);
  return (await server().sql('select id from api_tokens'))[0]?.id;
};
const makePost = async () => (await server().post(owner)).id;
const makeSession = async () => {
  await server().withSession(owner);
  return (await server().sql('select id from sessions where user_id = $1 order by id desc', [owner.id]))[0]?.id;
};

const cases: Case[] = [
  {
    field: 'deletePost',
    table: 'posts',
    column: 'author_id',
    make: makePost,
    ask: (id) => browser.send('mutation ($id: ID!) { deletePost(id: $id) }', { id: publicIdOf.post({ id }) }),
    writes: /^delete from "posts"/i,
    code: 'NOT_FOUND',
  },
  {
    field: 'updatePost',
    table: 'posts',
    column: 'author_id',
    make: makePost,
    ask: (id) =>
      browser.send('mutation ($id: ID!) { updatePost(id: $id, title: "Too late") { title } }', {
        id: publicIdOf.post({ id }),
      }),
    writes: 'a transaction',
    code: 'CONFLICT',
  },
  {
    field: 'deleteApiToken',
    table: 'api_tokens',
    column: 'user_id',
    make: makeToken,
    ask: (id) => browser.send('mutation ($id: ID!) { deleteApiToken(id: $id) }', { id: apiTokenId.encode(id) }),
    writes: 'a transaction',
    code: 'NOT_FOUND',
  },
  {
    field: 'updateApiToken',
    table: 'api_tokens',
    column: 'user_id',
    make: makeToken,
    ask: (id) =>
      browser.send('mutation ($id: ID!) { updateApiToken(id: $id, name: "Too late") { name } }', {
        id: apiTokenId.encode(id),
      }),
    writes: 'a transaction',
    code: 'NOT_FOUND',
  },
  {
    field: 'revokeSession',
    table: 'sessions',
    column: 'user_id',
    make: makeSession,
    ask: (id) => browser.send('mutation ($id: ID!) { revokeSession(id: $id) }', { id: sessionId.encode(id) }),
    writes: 'a transaction',
    code: 'NOT_FOUND',
  },
];

describe('Z6: what a rule allowed is written only while it is still so', () => {
  test.each(cases)('$field of a record that nobody touches meanwhile is written', async ({ make, ask, writes }) => {
    const id = await make();
    const { happened } = overtake(writes, async () => {});
    expect((await ask(id)).errors).toBeUndefined();
    expect(happened()).toBe(true);
  });

  test.each(cases)('$field of a record that goes meanwhile: $code', async ({ make, ask, writes, table, code }) => {
    const id = await make();
    const { happened } = overtake(writes, () => server().sql(`delete from ${table} where id = $1`, [id]));
    const answer = await ask(id);
    expect(happened()).toBe(true);
    expect(answer.codes).toEqual([code]);
    expect(await server().sql(`select id from ${table} where id = $1`, [id])).toEqual([]);
  });

  test.each(cases)(
    '$field of a record that is another’s by then leaves it as it is: $code',
    async ({ make, ask, writes, table, column, code }) => {
      const id = await make();
      // Whoever hands a post on counts it as a change, as every writer does.
      const counted = table === 'posts' ? ', version = version + 1' : '';
      const read = () => server().sql(`select to_jsonb(t)::text as row from ${table} t where id = $1`, [id]);
      let handed: unknown;
      const { happened } = overtake(writes, async () => {
        await server().sql(`update ${table} set ${column} = $1${counted} where id = $2`, [other.id, id]);
        handed = await read();
      });
      const answer = await ask(id);
      expect(happened()).toBe(true);
      expect(answer.codes).toEqual([code]);
      expect(await read()).toEqual(handed);
    },
  );
});

describe('Z4, Z6: a post that its author takes back', () => {
  test('while a page of it is read is not on the page', async () => {
    const reader = await server().withSession(other);
    const kept = await server().post(owner, { title: 'Kept' });
    const post = await server().post(owner, { title: 'Taken back' });
    const document = 'query ($id: ID!) { user(id: $id) { posts { nodes { title body } } } }';
    const ask = () => reader.send(document, { id: publicIdOf.user(owner) });
    const titles = ({ data }: Answer) => data.user.posts.nodes.map(({ title }: { title: string }) => title);
    expect(titles(await ask())).toEqual([post.title, kept.title]);
    const overtaken = overtake(/^select "p.*from "posts"/is, () =>
      server().sql(`update posts set published = false, body = 'Not for you' where id = $1`, [post.id]),
    );
    const answer = await ask();
    expect(overtaken.happened()).toBe(true);
    expect(titles(answer)).toEqual([kept.title]);
    expect(answer.text).not.toContain('Not for you');
  });
});

describe('Z6: an account that goes while it is asked for its password', () => {
  test.each([
    ['updatePassword', 'updatePassword(currentPassword: $p, newPassword: "another long password") { kind }'],
    ['updateAccount', 'updateAccount(email: "moved@example.com", currentPassword: $p) { kind }'],
    ['deleteAccount', 'deleteAccount(password: $p) { kind }'],
  ])('is nobody’s by then: %s', async (_field, field) => {
    const user = await server().user();
    const visitor = await server().withSession(user);
    const { happened } = overtake(/from "users" .*"id" = /i, () =>
      server().sql('delete from users where id = $1', [user.id]),
    );
    const answer = await visitor.send(`mutation ($p: String!) { ${field} }`, { p: password });
    expect(happened()).toBe(true);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
  });
});

describe('Z6: updateAccount of an account that', () => {
  const events = async () =>
    server().sql(`select id from audit_events where action = 'user.update' and outcome = 'DONE'`);

  test('goes before the change is written is nobody’s, and tells of no change', async () => {
    const user = await server().user();
    const visitor = await server().withSession(user);
    const before = await events();
    const { happened } = overtake('a transaction', () => server().sql('delete from users where id = $1', [user.id]));
    const answer = await visitor.send('mutation { updateAccount(name: "Too late") { kind } }');
    expect(happened()).toBe(true);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(await events()).toEqual(before);
  });

  test('gets another password before its address is written keeps its address', async () => {
    const user = await server().user();
    const visitor = await server().withSession(user);
    const { happened } = overtake('a transaction', () =>
      server().sql(`update users set password_hash = 'another' where id = $1`, [user.id]),
    );
    const answer = await visitor.send(
      'mutation ($p: String!) { updateAccount(email: "moved@example.com", currentPassword: $p) { kind } }',
      { p: password },
    );
    expect(happened()).toBe(true);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().sql('select email from users where id = $1', [user.id])).toEqual([{ email: user.email }]);
  });
});

describe('Z6: of two who change a password at once', () => {
  test('one is told that it is not the password any more, and keeps no session', async () => {
    const update =
      'mutation ($o: String!, $n: String!) { updatePassword(currentPassword: $o, newPassword: $n) { kind } }';
    const user = await server().user();
    const browsers = [await server().withSession(user), await server().withSession(user)];
    const answers = await Promise.all(
      browsers.map((each, index) => each.send(update, { o: password, n: `the new password ${index}` })),
    );
    expect(answers.map(({ codes }) => codes).sort()).toEqual([[], ['BAD_USER_INPUT']]);
    const winner = answers.findIndex(({ codes }) => codes.length === 0);
    const kinds = await Promise.all(
      browsers.map(async (each) => (await each.send('{ viewer { kind } }')).data.viewer.kind),
    );
    expect(kinds[winner]).toBe('SESSION');
    expect(kinds[1 - winner]).toBe('GUEST');
    const login = 'mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { kind } }';
    const tries = await Promise.all(
      [0, 1].map((index) =>
        server()
          .asGuest()
          .send(login, { e: user.email, p: `the new password ${index}` }),
      ),
    );
    expect(tries.findIndex(({ codes }) => codes.length === 0)).toBe(winner);
    expect(tries[1 - winner]?.codes).toEqual(['UNAUTHENTICATED']);
  });
});
