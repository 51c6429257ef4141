import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute, graphql, parse } from 'graphql';
import { guest } from '../../src/auth/principal.js';
import type { Post } from '../../src/posts/post.entity.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import type { User } from '../../src/users/user.entity.js';
import { publicIdOf, testServer } from '../helper.js';
import { contextOf, person, serve, session, sessionOf, token, tokenOf, undecided } from './fixture.js';

const built = guardedSchema(modules);
const { schema } = built;
const server = testServer();

let apollo: Awaited<ReturnType<typeof serve>>;
let author: User;
let post: Post;

beforeAll(async () => {
  apollo = await serve(
    server(),
    modules.flatMap((module) => module.resolvers),
  );
  author = await server().user();
  post = await server().post(author, { title: 'Before' });
});
afterAll(() => apollo.stop());

/** What a refused answer says of abilities, wherever it says it. */
const codesOf = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) => [
  ...new Set((answer.errors ?? []).map((error) => error.extensions.code)),
];

const threeShort = `mutation ($id: ID!) {
  createPost(title: "New", body: "") { id }
  updatePost(id: $id, title: "Changed") { title author { name } }
}`;

describe('Z9: a context that no preflight has let through', () => {
  test('graphql() on the schema refuses the whole document before its first mutation', async () => {
    const before = await server().contents();
    const contextValue = contextOf(server(), tokenOf(server(), author, ['post:create']), built);
    const answer = await graphql({
      schema,
      source: threeShort,
      variableValues: { id: publicIdOf.post(post) },
      contextValue,
    });
    expect(codesOf(answer)).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      missing: ['post:read', 'post:update', 'user:read'],
      granted: ['post:create'],
      required: [['post:create', 'post:read', 'post:update', 'user:read']],
      coordinates: ['Mutation.updatePost', 'Post.author', 'Post.id', 'Post.title', 'User.name'],
    });
    expect(answer.data).toBeNull();
    expect(await server().contents()).toEqual(before);
  });

  test('execute() refuses it too, with the answer that a preflight gives', async () => {
    const before = await server().contents();
    const contextValue = contextOf(server(), guest, built);
    const answer = await execute({
      schema,
      document: parse(threeShort),
      variableValues: { id: publicIdOf.post(post) },
      contextValue,
    });
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
    expect(await server().contents()).toEqual(before);
  });

  test('every query field of the document is refused, one by one, and none is read', async () => {
    const answer = await graphql({
      schema,
      source: '{ a: post(id: "x") { title } b: posts { nodes { title } } }',
      contextValue: undecided(token(person(), ['user:read'])),
    });
    expect(codesOf(answer)).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(answer.errors?.map((error) => error.path).sort()).toEqual([['a'], ['b']]);
  });

  test('an operation that is allowed runs, so that the refusals mean something', async () => {
    const contextValue = contextOf(server(), sessionOf(server(), author), built);
    const answer = await graphql({
      schema,
      source: 'query ($id: ID!) { post(id: $id) { title } }',
      variableValues: { id: publicIdOf.post(post) },
      contextValue,
    });
    expect(answer).toEqual({ data: { post: { title: 'Before' } } });
  });

  test('executeOperation of Apollo passes the preflight', async () => {
    const before = await server().contents();
    const variables = { id: publicIdOf.post(post) };
    const short = await apollo.execute(threeShort, tokenOf(server(), author, []), variables);
    expect(short.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(short.data ?? null).toBeNull();
    expect((await apollo.execute(threeShort, guest, variables)).codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().contents()).toEqual(before);
  });
});

describe('a clearance', () => {
  const ask = (source: string, contextValue: unknown, variableValues?: Record<string, unknown>) =>
    graphql({ schema, source, contextValue, variableValues });

  test('for one operation is none for another', async () => {
    const context = undecided(token(person(), []));
    expect(codesOf(await ask('{ viewer { kind } }', context))).toEqual([]);
    expect(context.clearance).not.toBeNull();
    expect(codesOf(await ask('{ posts { nodes { id } } }', context))).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('for one principal is none for another', async () => {
    const document = parse('{ viewer { kind } sessions { id } }');
    const first = undecided(session(person()));
    await execute({ schema, document, contextValue: first });
    expect(first.clearance?.principal).toBe(first.principal);
    const second = undecided(token(person(), ['read']), { clearance: first.clearance });
    const answer = await execute({ schema, document, contextValue: second });
    expect(answer.errors?.map((error) => [error.path, error.extensions.code])).toEqual([
      [['sessions'], 'SESSION_REQUIRED'],
    ]);
  });

  test('for one choice of variables is none for another', async () => {
    const context = undecided(token(person(), []));
    const document = parse('query ($more: Boolean!) { viewer { kind user @include(if: $more) { name } } }');
    const closed = await execute({ schema, document, contextValue: context, variableValues: { more: false } });
    expect(closed).toEqual({ data: { viewer: { kind: 'TOKEN' } } });
    const opened = await execute({ schema, document, contextValue: context, variableValues: { more: true } });
    expect(codesOf(opened)).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(opened.data ?? null).toBeNull();
  });

  test('is not left behind by an operation that was refused', async () => {
    const context = undecided(token(person(), []));
    const document = parse('{ user(id: "x") { name } }');
    expect(codesOf(await execute({ schema, document, contextValue: context }))).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(context.clearance).toBeNull();
    expect(codesOf(await execute({ schema, document, contextValue: context }))).toEqual(['INSUFFICIENT_ABILITIES']);
  });
});
