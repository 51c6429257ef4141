import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DriverException } from '@mikro-orm/core';
import { GraphQLError } from 'graphql';
import { Arg, Query, Resolver } from 'type-graphql';
import { Guard } from '../../src/access/guard.js';
import { open } from '../../src/access/rules.js';
import type { RequestFacts } from '../../src/auth/authenticate.js';
import { notFound } from '../../src/errors.js';
import { buildContext } from '../../src/graphql/context.js';
import { mask } from '../../src/graphql/mask.js';
import { createGraphQLServer } from '../../src/graphql/server.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Client, password, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';

const log = new LogLines();
const server = testServer({ LOG_LEVEL: 'error' }, log);
let session: Client;

beforeEach(async () => {
  session ??= await server().withSession(await server().user());
  log.clear();
});

/** Runs something while a statement has changed the database, and undoes the change. */
async function during<T>(change: string, undo: string, work: () => Promise<T>): Promise<T> {
  await server().sql(change);
  try {
    return await work();
  } finally {
    await server().sql(undo);
  }
}

describe('E1, E3: what goes wrong in the database', () => {
  test('a statement that fails is told by its place and an id, under which the log knows more', async () => {
    const answer = await during(
      'alter table posts rename to posts_away',
      'alter table posts_away rename to posts',
      () => session.send('query Feed { viewer { kind } posts(first: 3) { nodes { id } } }'),
    );
    expect(answer.errors).toEqual([
      {
        message: 'Something went wrong on our side.',
        locations: expect.any(Array),
        path: ['posts'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers.get('x-request-id') },
      },
    ]);
    expect(answer.text).not.toMatch(/posts_away|relation|does not exist/);
    const [entry, ...others] = log.entries;
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      reqId: answer.headers.get('x-request-id'),
      operationName: 'Feed',
      path: ['posts'],
      err: { message: 'a statement failed', code: '42P01' },
    });
    expect(entry?.err.stack).toMatch(/^ {4}at /);
    expect(log.text).not.toMatch(/select .* from/i);
  });

  test('a unique value that is taken, where nobody expected it, shows neither key nor value', async () => {
    const answer = await during(
      'create unique index posts_title_once on posts (title)',
      'drop index posts_title_once',
      async () => {
        const create = 'mutation ($t: String!) { createPost(title: $t, body: "canary-body") { id } }';
        await session.send(create, { t: 'canary-title' });
        return session.send(create, { t: 'canary-title' });
      },
    );
    expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(answer.text).not.toMatch(/canary|title_once|unique|already exists/);
    expect(log.entries[0]).toMatchObject({ err: { type: 'UniqueConstraintViolationException', code: '23505' } });
    expect(log.text).not.toMatch(/canary|title_once/);
  });

  test('a unique value that is expected to be taken is a conflict', async () => {
    const register = 'mutation ($e: String!, $p: String!) { register(name: "A", email: $e, password: $p) { kind } }';
    const variables = { e: 'taken@example.com', p: password };
    await server().asGuest().send(register, variables);
    const answer = await server().asGuest().send(register, variables);
    expect(answer.codes).toEqual(['CONFLICT']);
    expect(answer.text).not.toContain('users_email_unique');
    expect(log.lines).toEqual([]);
  });

  test('a context that cannot be made is a failure of ours, with an id', async () => {
    const user = await server().user();
    await server().api(true);
    const program = await server().actingAs(user, ['post:read']);
    const answer = await during(
      'alter table api_tokens rename to tokens_away',
      'alter table tokens_away rename to api_tokens',
      () => program.send('{ posts { nodes { id } } }'),
    );
    expect(answer.status).toBe(500);
    expect(answer.errors).toEqual([
      {
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers.get('x-request-id') },
      },
    ]);
    expect(log.entries.map((entry) => entry.reqId)).toEqual([answer.headers.get('x-request-id')]);
    expect(log.text).not.toContain(program.token);
  });
});

describe('E4: values of variables', () => {
  const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';

  test.each([
    ['a list', ['canary-secret']],
    ['an object', { value: 'canary-secret' }],
    ['a deep object', { a: { b: ['canary-secret'] } }],
  ])('a password that is %s is repeated neither to the client nor to the log', async (_name, value) => {
    const answer = await server().asGuest().send(login, { email: 'a@example.com', password: value });
    expect(answer.status).toBe(400);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.message).toContain('$password');
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ password: [expect.any(String)] });
    expect(answer.text).not.toContain('canary');
    expect(log.text).not.toContain('canary');
  });

  test.each([
    ['a list', '["canary-secret", "b"]', 'String cannot represent a non string value.'],
    ['a number', '1234567890', 'String cannot represent a non string value.'],
    ['an object', '{ canary: "canary-secret" }', 'String cannot represent a non string value.'],
    ['nothing', 'null', 'Expected value of type "String!".'],
  ])('a literal that is %s is not repeated either', async (_name, literal, message) => {
    const answer = await server()
      .asGuest()
      .send(`mutation { login(email: "a@example.com", password: ${literal}) { kind } }`);
    expect(answer.status).toBe(400);
    expect(answer.errors).toEqual([
      { message, locations: [{ line: 1, column: 52 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect(log.lines).toEqual([]);
  });

  test('a number that is none is not repeated either', async () => {
    const answer = await session.send('{ posts(first: "canary") { nodes { id } } }');
    expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(answer.errors?.[0]?.message).toBe('Int cannot represent non-integer value.');
  });

  test('a variable that is missing is named', async () => {
    const answer = await server().asGuest().send(login, { email: 'a@example.com' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.message).toContain('$password');
  });
});

describe('E1: what resolvers throw', () => {
  const circular: Record<string, unknown> = { secret: 'canary' };
  circular.self = circular;
  const thrown: Record<string, () => unknown> = {
    error: () => new Error('canary at /srv/app.js'),
    text: () => 'canary',
    nothing: () => undefined,
    circular: () => circular,
    graphql: () => new GraphQLError('canary', { extensions: { code: 'FORBIDDEN', canary: true } }),
    refusal: () => new GraphQLError('canary', { extensions: { code: 'BAD_USER_INPUT' } }),
    driver: () => new DriverException(new Error("insert into users values ('canary')")),
    refused: () => Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432 canary'), { code: 'ECONNREFUSED' }),
    ours: () => notFound(),
  };

  @Resolver()
  class Failing {
    @Guard(open('these tests ask it'))
    @Query(() => String, { nullable: true })
    async fails(@Arg('how', () => String) how: string): Promise<string> {
      throw thrown[how]?.();
    }
  }

  const built = guardedSchema([...modules, { name: 'failing', resolvers: [Failing] }]);

  async function run(how: string): Promise<{ text: string; status: number | undefined }> {
    const { app } = server();
    const apollo = createGraphQLServer(built, app.services.config.limits, false);
    const facts: RequestFacts = {
      id: 'the-request',
      ip: '127.0.0.1',
      userAgent: null,
      authorization: [],
      sessionSecret: null,
      runAs: [],
      strayToken: false,
      trustedOrigin: true,
    };
    const contextValue = await buildContext(
      { ...app.services, catalogue: built.catalogue },
      facts,
      app.http.log,
      () => {},
    );
    const result = await apollo.executeOperation(
      { query: 'query ($how: String!) { fails(how: $how) }', variables: { how } },
      { contextValue },
    );
    const { body } = result;
    return { text: body.kind === 'single' ? JSON.stringify(body.singleResult) : '', status: result.http.status };
  }

  test.each([
    ['error', 'canary at /srv/app.js'],
    ['text', 'Unexpected error value: "canary"'],
    ['nothing', 'Unexpected error value: undefined'],
    ['circular', 'Unexpected error value: { secret: "canary", self: [Circular] }'],
    ['graphql', 'canary'],
    ['refusal', 'canary'],
    ['driver', 'a statement failed'],
  ])('%s: masked, with its place; the cause is in the log and nowhere else', async (how, message) => {
    const { text, status } = await run(how);
    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({
      data: { fails: null },
      errors: [
        {
          message: 'Something went wrong on our side.',
          locations: [{ line: 1, column: 25 }],
          path: ['fails'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'the-request' },
        },
      ],
    });
    expect(log.entries).toEqual([
      expect.objectContaining({
        path: ['fails'],
        err: expect.objectContaining({ message, stack: expect.stringContaining('    at ') }),
      }),
    ]);
  });

  test('the text of a statement is in no log', async () => {
    await run('driver');
    expect(log.text).not.toContain('canary');
  });

  test('a database that is away is told as that, without its address', async () => {
    const { text, status } = await run('refused');
    expect(status).toBe(503);
    expect(JSON.parse(text).errors[0]).toMatchObject({
      message: 'The service is not available at the moment. Try again shortly.',
      extensions: { code: 'SERVICE_UNAVAILABLE', requestId: 'the-request' },
    });
    expect(text).not.toContain('10.1.2.3');
  });

  test('an error of ours passes, and is not worth a line', async () => {
    const { text } = await run('ours');
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code: 'NOT_FOUND' });
    expect(log.lines).toEqual([]);
  });
});

describe('E1: mask', () => {
  test('does not let a code pass that only looks like one of ours', () => {
    const masked = mask(new GraphQLError('canary', { extensions: { code: 'UNAUTHENTICATED' } }));
    expect(masked.answer.message).toBe('Something went wrong on our side.');
    expect(masked.cause).toBeInstanceOf(GraphQLError);
  });

  test.each([undefined, null, 'text', 7, {}])('takes %p for a failure of ours', (value) => {
    expect(mask(value).answer.extensions.code).toBe('INTERNAL_SERVER_ERROR');
  });
});
