import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { graphql } from 'graphql';
import { createUnionType, Field, InterfaceType, ObjectType, Query, Resolver } from 'type-graphql';
import { Guard } from '../../src/access/guard.js';
import { administrator, open, tokenCan } from '../../src/access/rules.js';
import { guest, type Principal } from '../../src/auth/principal.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { person, session, token, undecided } from './fixture.js';

const ran: string[] = [];

@InterfaceType({ resolveType: (value: object) => value.constructor.name })
abstract class Animal {
  @Field(() => String)
  name!: string;
}

@Guard(open('cats are for everyone'))
@ObjectType({ implements: Animal })
class Cat implements Animal {
  @Field(() => String)
  get name(): string {
    ran.push('Cat.name');
    return 'Tom';
  }
}

@Guard(tokenCan('post:read'))
@ObjectType({ implements: Animal })
class Dog implements Animal {
  @Field(() => String)
  get name(): string {
    ran.push('Dog.name');
    return 'Rex';
  }

  @Guard(tokenCan('post:delete'))
  @Field(() => String)
  get bite(): string {
    ran.push('Dog.bite');
    return 'deep';
  }

  @Field(() => [Animal])
  get friends(): Animal[] {
    return [new Cat(), new Wolf()];
  }
}

@Guard(administrator)
@ObjectType({ implements: Animal })
class Wolf implements Animal {
  @Field(() => String)
  get name(): string {
    ran.push('Wolf.name');
    return 'Fenrir';
  }
}

const Pet = createUnionType({
  name: 'Pet',
  types: () => [Cat, Dog] as const,
  resolveType: async (value) => value.constructor.name,
});

const why = open('the types decide');

@Resolver()
class Zoo {
  @Guard(why)
  @Query(() => Animal, { nullable: true })
  one(): Animal {
    return new Dog();
  }
  @Guard(why)
  @Query(() => Animal, { nullable: true })
  none(): Animal | null {
    return null;
  }
  @Guard(why)
  @Query(() => Animal, { nullable: true })
  async later(): Promise<Animal> {
    return new Dog();
  }
  @Guard(why)
  @Query(() => Pet, { nullable: true })
  pet(): Cat | Dog {
    return new Dog();
  }
  @Guard(why)
  @Query(() => [Animal], { nullable: true })
  list(): Animal[] {
    return [new Cat(), new Dog()];
  }
  @Guard(why)
  @Query(() => [Animal], { nullable: true })
  listOfPromises(): Promise<Animal>[] {
    return [Promise.resolve(new Cat()), Promise.resolve(new Dog())];
  }
  @Guard(why)
  @Query(() => [[Animal]], { nullable: true })
  nested(): Animal[][] {
    return [[new Cat()], [new Dog()]];
  }
  @Guard(why)
  @Query(() => [[[Animal]]], { nullable: true })
  deeplyNested(): Animal[][][] {
    return [[[new Cat()]], [[new Dog()]]];
  }
  @Guard(why)
  @Query(() => [[Animal]], { nullable: true })
  nestedPromises(): Promise<Animal[]>[] {
    return [Promise.resolve([new Cat(), new Dog()])];
  }
  @Guard(why)
  @Query(() => [Animal], { nullable: true })
  set(): Animal[] {
    return new Set([new Cat(), new Dog()]) as unknown as Animal[];
  }
  @Guard(why)
  @Query(() => [Animal], { nullable: true })
  generator(): Animal[] {
    return (function* () {
      yield new Cat();
      yield new Dog();
    })() as unknown as Animal[];
  }
}

const { schema } = guardedSchema([...modules, { name: 'zoo', resolvers: [Zoo] }]);

async function ask(principal: Principal, source: string) {
  const answer = await graphql({ schema, source, contextValue: undecided(principal) });
  return { ...answer, codes: (answer.errors ?? []).map((error) => error.extensions.code) };
}

const able = token(person(), ['post:read', 'post:delete']);
const unable = token(person(), []);
const shapes = [
  'one',
  'later',
  'pet',
  'list',
  'listOfPromises',
  'nested',
  'deeplyNested',
  'nestedPromises',
  'set',
  'generator',
];

beforeEach(() => {
  ran.length = 0;
});

describe('Z0, Z5: what a field of an abstract type turns out to be decides which rules hold', () => {
  test.each(shapes)('%s: a token without the ability of a concrete type reads no field of it', async (shape) => {
    const answer = await ask(unable, `{ ${shape} { ... on Animal { name } ... on Dog { name bite } } }`);
    expect(new Set(answer.codes)).toEqual(new Set(['INSUFFICIENT_ABILITIES']));
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      missing: ['post:delete', 'post:read'],
      coordinates: ['Dog.bite', 'Dog.name'],
    });
    expect(answer.data).toEqual({ [shape]: null });
    expect(ran).not.toContain('Dog.name');
    expect(ran).not.toContain('Dog.bite');
  });

  test.each(shapes)('%s: a guest reads no field of a type that needs a credential', async (shape) => {
    const answer = await ask(guest, `{ ${shape} { ... on Dog { bite } } }`);
    expect(new Set(answer.codes)).toEqual(new Set(['UNAUTHENTICATED']));
    expect(ran).toEqual([]);
  });

  test.each(shapes)('%s: __typename alone tells nothing to a token without the ability', async (shape) => {
    const answer = await ask(unable, `{ ${shape} { __typename } }`);
    expect(new Set(answer.codes)).toEqual(new Set(['INSUFFICIENT_ABILITIES']));
    expect(answer.errors?.[0]?.extensions.coordinates).toEqual(['Dog.__typename']);
    expect(answer.data).toEqual({ [shape]: null });
  });

  test.each(shapes)('%s: an able token reads it all', async (shape) => {
    const answer = await ask(able, `{ ${shape} { __typename ... on Dog { bite } } }`);
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).toContain('deep');
  });

  const ofOthers = '... on Cat { name } ... on Wolf { name }';
  const unions = new Set(['pet']);
  const nothing = (shape: string) => `{ ${shape} { ${unions.has(shape) ? '... on Cat { name }' : ofOthers} } }`;

  test.each(shapes)('%s: fragments on other types ask for no field of this one', async (shape) => {
    const answer = await ask(token(person(), ['post:read']), nothing(shape));
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).toContain('{}');
  });

  test.each(shapes)('%s: nothing selected tells nothing to a token without the ability of the type', async (shape) => {
    const answer = await ask(unable, nothing(shape));
    expect(new Set(answer.codes)).toEqual(new Set(['INSUFFICIENT_ABILITIES']));
    expect(answer.errors?.[0]?.extensions.coordinates).toEqual(['Dog.__typename']);
    expect(answer.data).toEqual({ [shape]: null });
  });

  test('an absent value asks for nothing', async () => {
    const answer = await ask(guest, '{ none { __typename name } }');
    expect(answer).toMatchObject({ data: { none: null }, codes: [] });
  });

  test('an abstract field below an abstract field is decided as well', async () => {
    const answer = await ask(able, '{ one { ... on Dog { friends { __typename name } } } }');
    expect(answer.codes).toEqual(['FORBIDDEN']);
    expect(answer.data).toEqual({ one: null });
    expect(ran).not.toContain('Wolf.name');
    const administrators = session(person({ isAdministrator: true }));
    const allowed = await ask(administrators, '{ one { ... on Dog { friends { __typename name } } } }');
    expect(JSON.stringify(allowed.data)).toContain('Fenrir');
  });
});
