import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Guard } from '../../src/access/guard.js';
import { definePolicy } from '../../src/access/policy.js';
import { authenticated, type PrincipalRule, policy } from '../../src/access/rules.js';
import type { Principal } from '../../src/auth/principal.js';
import type { Context } from '../../src/graphql/context.js';
import { Post, postId } from '../../src/posts/post.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { publicIdOf, testServer } from '../helper.js';
import { serve, sessionOf } from './fixture.js';

const secret = 'connect ECONNREFUSED 10.0.0.7:5432';
const ran: string[] = [];

const databaseAway = () => Object.assign(new Error(secret), { code: 'ECONNREFUSED' });

/** What a JavaScript author could return where a boolean is asked for. */
const answering = (may: () => unknown) => ({ description: 'Only by a clear yes.', may: may as () => boolean });

const OddPolicy = definePolicy({
  name: 'Odd',
  entity: Post,
  id: postId,
  scope: () => ({}),
  actions: {
    yes: answering(() => true),
    no: answering(() => false),
    one: answering(() => 1),
    text: answering(() => 'yes'),
    nothing: answering(() => undefined),
    promise: answering(async () => true),
    error: answering(() => new Error(secret)),
    throws: answering(() => {
      throw new Error(secret);
    }),
    throwsText: answering(() => {
      throw secret;
    }),
    throwsNothing: answering(() => {
      throw undefined;
    }),
    away: answering(() => {
      throw databaseAway();
    }),
  },
});

const BrokenScope = definePolicy({
  name: 'BrokenScope',
  entity: Post,
  id: postId,
  scope: () => {
    throw new Error(secret);
  },
  actions: { yes: answering(() => true) },
});

const scopeThat = (name: string, says: unknown) =>
  definePolicy({
    name,
    entity: Post,
    id: postId,
    scope: () => says as never,
    actions: { yes: answering(() => true) },
  });
const scopes = {
  undefined: scopeThat('UndefinedScope', undefined),
  null: scopeThat('NullScope', null),
  true: scopeThat('TrueScope', true),
};

const ruleThat = (name: string, check: () => unknown): PrincipalRule => ({
  kind: 'principal',
  name,
  description: 'A rule with a mistake in it.',
  check: check as PrincipalRule['check'],
});

const postArgument = () => Arg('id', () => ID, { description: 'The id of a post.' });

@Resolver()
class OddFields {
  @Guard(policy(OddPolicy, 'yes'))
  @Query(() => String)
  yes(@postArgument() _id: string): string {
    return this.run('yes');
  }
  @Guard(policy(OddPolicy, 'no'))
  @Query(() => String)
  no(@postArgument() _id: string): string {
    return this.run('no');
  }
  @Guard(policy(OddPolicy, 'one'))
  @Query(() => String)
  one(@postArgument() _id: string): string {
    return this.run('one');
  }
  @Guard(policy(OddPolicy, 'text'))
  @Query(() => String)
  text(@postArgument() _id: string): string {
    return this.run('text');
  }
  @Guard(policy(OddPolicy, 'nothing'))
  @Query(() => String)
  nothing(@postArgument() _id: string): string {
    return this.run('nothing');
  }
  @Guard(policy(OddPolicy, 'promise'))
  @Query(() => String)
  promise(@postArgument() _id: string): string {
    return this.run('promise');
  }
  @Guard(policy(OddPolicy, 'error'))
  @Query(() => String)
  error(@postArgument() _id: string): string {
    return this.run('error');
  }
  @Guard(policy(OddPolicy, 'throws'))
  @Query(() => String)
  throws(@postArgument() _id: string): string {
    return this.run('throws');
  }
  @Guard(policy(OddPolicy, 'throwsText'))
  @Query(() => String)
  throwsText(@postArgument() _id: string): string {
    return this.run('throwsText');
  }
  @Guard(policy(OddPolicy, 'throwsNothing'))
  @Query(() => String)
  throwsNothing(@postArgument() _id: string): string {
    return this.run('throwsNothing');
  }
  @Guard(policy(OddPolicy, 'away'))
  @Query(() => String)
  away(@postArgument() _id: string): string {
    return this.run('away');
  }
  @Guard(policy(BrokenScope, 'yes'))
  @Query(() => String)
  brokenScope(@postArgument() _id: string): string {
    return this.run('brokenScope');
  }
  @Guard(policy(scopes.undefined, 'yes'))
  @Query(() => String)
  undefinedScope(@postArgument() _id: string): string {
    return this.run('undefinedScope');
  }
  @Guard(policy(scopes.null, 'yes'))
  @Query(() => String)
  nullScope(@postArgument() _id: string): string {
    return this.run('nullScope');
  }
  @Guard(policy(scopes.true, 'yes'))
  @Query(() => String)
  trueScope(@postArgument() _id: string): string {
    return this.run('trueScope');
  }
  @Guard(policy(OddPolicy, 'yes'), policy(OddPolicy, 'no'))
  @Query(() => String)
  yesAndNo(@postArgument() _id: string): string {
    return this.run('yesAndNo');
  }
  @Guard(policy(OddPolicy, 'yes'))
  @Query(() => String)
  withoutArgument(): string {
    return this.run('withoutArgument');
  }

  @Guard(
    ruleThat('ruleThrows', () => {
      throw new Error(secret);
    }),
  )
  @Query(() => String)
  ruleThrows(): string {
    return this.run('ruleThrows');
  }
  @Guard(
    ruleThat('ruleRejects', async () => {
      throw new Error(secret);
    }),
  )
  @Query(() => String)
  ruleRejects(): string {
    return this.run('ruleRejects');
  }
  @Guard(
    ruleThat('ruleAway', async () => {
      throw databaseAway();
    }),
  )
  @Query(() => String)
  ruleAway(): string {
    return this.run('ruleAway');
  }
  @Guard(ruleThat('ruleSaysTrue', () => true))
  @Query(() => String)
  ruleSaysTrue(): string {
    return this.run('ruleSaysTrue');
  }
  @Guard(ruleThat('ruleSaysNothing', () => undefined))
  @Query(() => String)
  ruleSaysNothing(): string {
    return this.run('ruleSaysNothing');
  }

  private run(name: string): string {
    ran.push(name);
    return name;
  }
}

@Resolver()
class FailingFields {
  @Guard(policy(OddPolicy, 'yes'))
  @Query(() => String, { nullable: true })
  resolverThrows(@postArgument() _id: string): string {
    throw new Error(secret);
  }
  @Guard(policy(OddPolicy, 'yes'))
  @Query(() => String, { nullable: true })
  resolverThrowsText(@postArgument() _id: string): string {
    throw secret;
  }
  @Guard(policy(OddPolicy, 'yes'))
  @Query(() => String, { nullable: true })
  resolverThrowsNothing(@postArgument() _id: string): string {
    throw undefined;
  }

  @Guard(policy(OddPolicy, 'yes'))
  @Mutation(() => String, { nullable: true })
  async renameAndFail(@postArgument() id: string, @Ctx() context: Context): Promise<string> {
    const post = await context.em.findOneOrFail(Post, { id: postId.decode(id) ?? '' });
    post.title = 'Half done';
    throw new Error(secret);
  }
  @Guard(authenticated)
  @Mutation(() => Boolean)
  async writeAll(@Ctx() context: Context): Promise<boolean> {
    await context.em.flush();
    return true;
  }
}

const server = testServer();
const resolvers = [OddFields, FailingFields];
let odd: Awaited<ReturnType<typeof serve>>;
let author: User;
let post: Post;
let principal: Principal;
let id: string;

beforeAll(async () => {
  odd = await serve(server(), resolvers);
  author = await server().user();
  post = await server().post(author, { title: 'Before' });
  principal = sessionOf(server(), author);
  id = publicIdOf.post(post);
});
afterAll(() => odd.stop());
beforeEach(() => {
  ran.length = 0;
});

describe('Z10: a policy with a mistake in it', () => {
  test('a clear yes opens the field, so that the refusals below mean something', async () => {
    const answer = await odd.execute('query ($id: ID!) { yes(id: $id) }', principal, { id });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ yes: 'yes' });
    expect(ran).toEqual(['yes']);
  });

  test.each(['no', 'one', 'text', 'nothing', 'promise', 'error', 'yesAndNo'])(
    '%s is not a clear yes: FORBIDDEN',
    async (field) => {
      const answer = await odd.execute(`query ($id: ID!) { ${field}(id: $id) }`, principal, { id });
      expect(answer.codes).toEqual(['FORBIDDEN']);
      expect(answer.errors?.[0]).toMatchObject({ message: 'Only by a clear yes.', path: [field] });
      expect(answer.data).toBeNull();
      expect(ran).toEqual([]);
    },
  );

  test.each(['throws', 'throwsText', 'throwsNothing', 'brokenScope', 'undefinedScope', 'nullScope', 'trueScope'])(
    '%s keeps the field closed, and the cause to the log',
    async (field) => {
      const answer = await odd.execute(`query ($id: ID!) { ${field}(id: $id) }`, principal, { id });
      expect(answer.errors).toEqual([
        expect.objectContaining({
          message: 'Something went wrong on our side.',
          path: [field],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' },
        }),
      ]);
      expect(JSON.stringify(answer)).not.toMatch(/ECONN|Not Authorised/);
      expect(answer.data).toBeNull();
      expect(ran).toEqual([]);
    },
  );

  test.each([
    ['a policy', 'away(id: $id)', ['away']],
    ['a rule', 'yes(id: $id) ruleAway', undefined],
  ])(
    '%s that cannot ask the database keeps the field closed, as a service that is away',
    async (_kind, fields, path) => {
      const answer = await odd.execute(`query ($id: ID!) { ${fields} }`, principal, { id });
      expect(answer.errors).toEqual([
        expect.objectContaining({
          message: 'The service is not available at the moment. Try again shortly.',
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: 'request-1' },
        }),
      ]);
      expect(answer.errors?.[0]?.path).toEqual(path);
      expect(JSON.stringify(answer)).not.toMatch(/ECONN|10\.0\.0\.7/);
      expect(answer.data ?? null).toBeNull();
      expect(ran).toEqual([]);
    },
  );

  test.each(Object.entries(scopes))('a scope that says %s cuts no list, and fails instead', (_says, { scope }) => {
    expect(() => scope(principal)).toThrow('says nothing');
  });

  test('a field that should name a record and cannot stays closed', async () => {
    const answer = await odd.execute('{ withoutArgument }', principal);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(ran).toEqual([]);
  });
});

describe('Z10: a rule with a mistake in it', () => {
  test.each(['ruleThrows', 'ruleRejects', 'ruleSaysNothing'])(
    '%s keeps the document closed, and the cause to the log',
    async (field) => {
      const answer = await odd.execute(`query ($id: ID!) { yes(id: $id) ${field} }`, principal, { id });
      expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(answer.errors?.[0]?.message).toBe('Something went wrong on our side.');
      expect(JSON.stringify(answer)).not.toMatch(/ECONN|Not Authorised/);
      expect(answer.data ?? null).toBeNull();
      expect(ran).toEqual([]);
    },
  );

  test('a rule that says true instead of null has not said null', async () => {
    const answer = await odd.execute('query ($id: ID!) { yes(id: $id) ruleSaysTrue }', principal, { id });
    expect(answer.codes).toEqual(['FORBIDDEN']);
    expect(ran).toEqual([]);
  });
});

describe('Z10, E1: a resolver that fails behind a policy', () => {
  test.each(['resolverThrows', 'resolverThrowsText', 'resolverThrowsNothing'])(
    '%s is an error and never a value',
    async (field) => {
      const answer = await odd.execute(`query ($id: ID!) { ${field}(id: $id) }`, principal, { id });
      expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(answer.errors?.[0]?.path).toEqual([field]);
      expect(answer.data).toEqual({ [field]: null });
      expect(JSON.stringify(answer)).not.toMatch(/ECONN|Not Authorised/);
    },
  );

  test('leaves nothing that the next mutation of the document would write', async () => {
    const answer = await odd.execute('mutation ($id: ID!) { renameAndFail(id: $id) writeAll }', principal, { id });
    expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(answer.data).toEqual({ renameAndFail: null, writeAll: true });
    expect(await server().sql('select title from posts where id = $1', [post.id])).toEqual([{ title: 'Before' }]);
  });
});

test('Z10: nothing but rule, deny and shield is taken from graphql-shield, whose not() opens what a broken rule closed', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const using = sources.filter((path) => /from 'graphql-shield'|require\('graphql-shield'\)/.test(source(path)));
  expect(using).toEqual(['access/shield.ts']);
  expect(source('access/shield.ts').match(/\{[^}]*\}(?= = require\('graphql-shield'\))/g)).toEqual([
    '{ shield, rule, deny }',
  ]);
});

function source(path: string): string {
  return readFileSync(join('src', path), 'utf8');
}
