import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Field, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { Guard } from '../../src/access/guard.js';
import { oncePerRequest, open } from '../../src/access/rules.js';
import { AccessError } from '../../src/access/tree.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { serve, sessionOf } from '../access/fixture.js';
import { type Client, password, testServer } from '../helper.js';
import { limitsOf, refused as refusedBy, repeat } from './bombs.js';

const server = testServer();
let guest: Client;
let session: Client;
let email: string;

beforeAll(async () => {
  await server().api(true);
  const user = await server().user();
  email = user.email;
  guest = server().asGuest();
  session = await server().withSession(user);
});

const refused = (document: string, client = guest) => refusedBy(server(), client, document);

const fields: Record<string, string> = {
  login: 'login(email: "a@b.example", password: "p") { kind }',
  register: 'register(name: "A", email: "a@b.example", password: "a long one") { kind }',
  issueApiToken: 'issueApiToken(email: "a@b.example", password: "p", deviceName: "A") { plainTextToken }',
  createApiToken: 'createApiToken(name: "A", abilities: []) { plainTextToken }',
  updateAccount: 'updateAccount(name: "A") { kind }',
  updatePassword: 'updatePassword(currentPassword: "p", newPassword: "a long one") { kind }',
  deleteAccount: 'deleteAccount(password: "p") { kind }',
};

describe('D1 sensitive mutations', () => {
  test('D1 are the ones that look at a password or make a credential', () => {
    const marked = [...server().app.services.access.tree.fields.values()].filter((field) => field.oncePerRequest);
    expect(marked.map(({ coordinate }) => coordinate).sort()).toEqual(
      Object.keys(fields)
        .map((name) => `Mutation.${name}`)
        .sort(),
    );
  });

  test('D1 every mutation with a password among its arguments is one', () => {
    const tree = server().app.services.access.tree;
    const { schema } = guardedSchema(modules);
    const secret = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(({ args }) =>
      args.some(({ name }) => /password/i.test(name)),
    );
    expect(secret.length).toBeGreaterThan(4);
    expect(secret.filter(({ name }) => !tree.field('Mutation', name).oncePerRequest)).toEqual([]);
  });

  test.each(Object.entries(fields))('D1 %s is answered once in a request, under any name', async (name, field) => {
    const expected = [['SENSITIVE_MUTATION_LIMIT', 1, 2]];
    const twice = [
      `mutation { a: ${field} ${field} }`,
      `mutation { a: ${field} ...B } fragment B on Mutation { b: ${field} }`,
      `mutation { ...A ... { b: ${field} } } fragment A on Mutation { a: ${field} }`,
      `mutation ($on: Boolean = true) { a: ${field} b: ${field.replace(/ \{/, ' @skip(if: $on) {')} }`,
    ];
    for (const document of twice) {
      const answer = await refused(document, session);
      expect(limitsOf(answer)).toEqual(expected);
      expect(answer.errors?.[0]?.extensions.coordinate).toBe(`Mutation.${name}`);
      expect(answer.errors?.[0]?.message).toBe(`The document has 2 selections of Mutation.${name}; the limit is 1.`);
    }
  });

  test('D1 ten guesses of a password are none: no try is counted and none is made', async () => {
    const guesses = (size: number) =>
      `mutation { ${repeat(size, (i) => `a${i}: login(email: "${email}", password: "guess ${i}") { kind }`)} }`;
    for (let round = 0; round < 10; round += 1) {
      expect((await refused(guesses(10))).codes).toEqual(['SENSITIVE_MUTATION_LIMIT']);
    }
    expect((await refused(guesses(101))).codes).toEqual(['TOKEN_LIMIT']);
    const right = `mutation { login(email: "${email}", password: "${password}") { kind } }`;
    expect((await server().asGuest().send(right)).data.login.kind).toBe('SESSION');
  });

  test('D1 the same field twice under one name is one, and different ones go together', async () => {
    const client = await server().withSession(await server().user());
    const own = `login(email: "${email}", password: "${password}")`;
    const answer = await client.send(
      `mutation { ${own} { kind } ${own} { user { id } } ...A createApiToken(name: "A", abilities: []) { apiToken { name } } } fragment A on Mutation { ${own} { kind } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.createApiToken.apiToken.name).toBe('A');
  });

  test('D1 what is not sensitive may be sent under several names', async () => {
    const create = 'createPost(title: "A", body: "B") { id }';
    expect((await session.send(`mutation { a: ${create} b: ${create} }`)).errors).toBeUndefined();
  });
});

describe('a resource of its own', () => {
  let calls = 0;

  @Resolver()
  class Vaults {
    @Guard(open('these tests ask it'), oncePerRequest)
    @Query(() => String)
    peek(): string {
      calls += 1;
      return 'peeked';
    }

    @Guard(open('these tests ask it'), oncePerRequest)
    @Mutation(() => String)
    unlock(): string {
      calls += 1;
      return 'unlocked';
    }
  }

  test('marks its fields beside their guards, and that is all', async () => {
    const { execute, stop } = await serve(server(), [Vaults]);
    const principal = sessionOf(server(), await server().user());
    expect((await execute('mutation { unlock }', principal)).data).toEqual({ unlock: 'unlocked' });
    const twice = await execute('mutation { unlock again: unlock }', principal);
    expect(twice.errors?.[0]?.extensions).toEqual({
      code: 'SENSITIVE_MUTATION_LIMIT',
      limit: 1,
      value: 2,
      coordinate: 'Mutation.unlock',
    });
    expect((await execute('{ a: peek b: peek }', principal)).codes).toEqual(['SENSITIVE_MUTATION_LIMIT']);
    expect(calls).toBe(1);
    await stop();
  });

  test('cannot mark what is no root field: nothing would count it', () => {
    @Guard(open('its fields decide'))
    @ObjectType()
    class Door {
      @Guard(oncePerRequest)
      @Field(() => String)
      key!: string;
    }

    @Resolver()
    class Doors {
      @Guard(open('its type decides'), oncePerRequest)
      @Query(() => Door)
      door(): Door {
        return new Door();
      }
    }

    const build = () => guardedSchema([...modules, { name: 'doors', resolvers: [Doors] }]);
    expect(build).toThrow(AccessError);
    expect(build).toThrow('Door.key: oncePerRequest counts root fields only.');
    expect(build).not.toThrow('Query.door');
  });
});
