import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { isIntrospectionType, isObjectType } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  Field,
  FieldResolver,
  InputType,
  InterfaceType,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { Guard } from '../../src/access/guard.js';
import { definePolicy } from '../../src/access/policy.js';
import {
  administrator,
  authenticated,
  bearer,
  firstParty,
  nullForGuests,
  nullWithoutToken,
  open,
  policy,
  tokenCan,
} from '../../src/access/rules.js';
import { AccessError } from '../../src/access/tree.js';
import type { AbilityName } from '../../src/auth/abilities.js';
import { Catalogue } from '../../src/auth/abilities.js';
import { buildGuardedSchema } from '../../src/graphql/build.js';
import type { Module } from '../../src/module.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { UserPolicy } from '../../src/users/user.policy.js';

@Resolver()
class UnguardedField {
  @Query(() => String, { description: 'Nobody thought of a guard.' })
  forgotten(): string {
    return 'everyone reads this';
  }
}

@ObjectType()
class Bare {
  @Field(() => String)
  first!: string;

  @Guard(open('this one was thought of'))
  @Field(() => String)
  second!: string;

  @Field(() => String)
  third!: string;
}

@Resolver()
class UnguardedType {
  @Guard(authenticated)
  @Query(() => Bare)
  bare(): Bare {
    return new Bare();
  }
}

@Resolver()
class UnknownAbility {
  @Guard(tokenCan('post:read', 'post:praise' as AbilityName))
  @Query(() => String)
  praise(): string {
    return 'praise';
  }
}

@Guard(policy(UserPolicy, 'viewEmail'))
@ObjectType()
class RecordRuleOnType {
  @Field(() => String)
  name!: string;
}

@Resolver()
class RecordRuleOnTypeResolver {
  @Guard(authenticated)
  @Query(() => RecordRuleOnType)
  ruled(): RecordRuleOnType {
    return new RecordRuleOnType();
  }
}

@Resolver()
class TwoGuards {
  @Guard(authenticated)
  @Guard(administrator)
  @Query(() => String)
  twice(): string {
    return 'both must hold';
  }
}

@Guard(open('its fields decide for themselves'))
@ObjectType()
class Split {
  @Guard(administrator)
  @Field(() => String)
  secret!: string;
}

@Resolver(() => Split)
class SplitResolver {
  @Guard(authenticated)
  @Query(() => Split)
  split(): Split {
    return new Split();
  }

  @Guard(firstParty)
  @FieldResolver(() => String)
  secret(): string {
    return 'both must hold';
  }
}

@Guard(authenticated)
@Guard(bearer)
@ObjectType()
class TwiceGuarded {
  @Field(() => String)
  name!: string;
}

@Resolver()
class TwiceGuardedResolver {
  @Guard(open('its type decides'))
  @Query(() => TwiceGuarded)
  twiceGuarded(): TwiceGuarded {
    return new TwiceGuarded();
  }
}

@Resolver()
class TwiceAbsent {
  @Guard(authenticated, nullForGuests)
  @Guard(nullWithoutToken)
  @Query(() => String, { nullable: true })
  absent(): string {
    return 'present';
  }
}

@InputType()
class InputWithGuardedField {
  @Guard(administrator)
  @Field(() => Boolean, { nullable: true })
  promote?: boolean;
}

@Guard(administrator)
@InputType()
class GuardedInput {
  @Field(() => Boolean, { nullable: true })
  promote?: boolean;
}

@ArgsType()
class GuardedArgument {
  @Guard(administrator)
  @Field(() => Boolean, { nullable: true })
  promote?: boolean;
}

@Guard(administrator)
@ArgsType()
class GuardedArguments {
  @Field(() => Boolean, { nullable: true })
  promote?: boolean;
}

@Resolver()
class InputResolver {
  @Guard(open('its arguments look guarded'))
  @Query(() => Boolean)
  byInput(
    @Arg('one', () => InputWithGuardedField) _one: InputWithGuardedField,
    @Arg('two', () => GuardedInput) _two: GuardedInput,
  ): boolean {
    return true;
  }

  @Guard(open('its argument looks guarded'))
  @Query(() => Boolean)
  byArgument(@Args(() => GuardedArgument) _given: GuardedArgument): boolean {
    return true;
  }
}

@Resolver()
class ArgumentsResolver {
  @Guard(open('its arguments look guarded'))
  @Query(() => Boolean)
  byArguments(@Args(() => GuardedArguments) _given: GuardedArguments): boolean {
    return true;
  }
}

@Guard(administrator)
@InterfaceType()
abstract class GuardedInterface {
  @Field(() => String)
  name!: string;
}

@Guard(open('a guard of its own, which says nothing of the interface'))
@ObjectType({ implements: GuardedInterface })
class Implementation implements GuardedInterface {
  @Field(() => String)
  name!: string;
}

@InterfaceType()
abstract class InterfaceWithGuardedField {
  @Guard(administrator)
  @Field(() => String)
  name!: string;
}

@Guard(open('a guard of its own, which says nothing of the interface'))
@ObjectType({ implements: InterfaceWithGuardedField })
class OtherImplementation implements InterfaceWithGuardedField {
  @Field(() => String)
  name!: string;
}

@Resolver()
class InterfaceResolver {
  @Guard(open('the types decide'))
  @Query(() => GuardedInterface)
  byType(): GuardedInterface {
    return new Implementation();
  }

  @Guard(open('the types decide'))
  @Query(() => InterfaceWithGuardedField)
  byField(): InterfaceWithGuardedField {
    return new OtherImplementation();
  }
}

@Guard(administrator)
@Resolver(() => Split)
class GuardedResolverClass {
  @FieldResolver(() => String)
  added(): string {
    return 'looks guarded';
  }
}

const withResolver = (resolver: Module['resolvers'][number]) => () =>
  guardedSchema([...modules, { name: 'extra', resolvers: [resolver] }]);
const real = guardedSchema(modules);
const rulesOf = (built: typeof real, type: string, field: string) =>
  built.tree.field(type, field).rules.map((rule) => rule.name);

describe('Z0: the check at the start', () => {
  test('a field without a guard stops the start, by its coordinate', () => {
    expect(withResolver(UnguardedField)).toThrow(AccessError);
    expect(withResolver(UnguardedField)).toThrow(/^Query\.forgotten: no rule\. Put @Guard/m);
  });

  test('every unguarded field of an unguarded type is named, and no guarded one', () => {
    let message = '';
    try {
      withResolver(UnguardedType)();
    } catch (error) {
      message = (error as Error).message;
    }
    const named = message.split('\n').flatMap((line) => /^(\w+\.\w+): no rule/.exec(line)?.[1] ?? []);
    expect(named).toEqual(['Bare.first', 'Bare.third']);
  });

  test('a rule that names an unknown ability stops the start, by coordinate and ability', () => {
    expect(withResolver(UnknownAbility)).toThrow(AccessError);
    expect(withResolver(UnknownAbility)).toThrow('Query.praise: the ability "post:praise" is in no catalogue.');
  });

  test('abilities that no module declares are unknown, even if another server has them', () => {
    const withoutPosts = modules.flatMap((module) => module.resolvers);
    expect(() => buildGuardedSchema(withoutPosts, new Catalogue({}))).toThrow(
      /Post\.title: the ability "post:read" is in no catalogue/,
    );
  });

  test('a rule about records cannot stand on a type', () => {
    expect(withResolver(RecordRuleOnTypeResolver)).toThrow(AccessError);
    expect(withResolver(RecordRuleOnTypeResolver)).toThrow(
      'RecordRuleOnType: only principal rules can stand on a type.',
    );
  });

  test('a guard on an interface or on its field would guard nothing, so it stops the start', () => {
    expect(withResolver(InterfaceResolver)).toThrow(AccessError);
    expect(withResolver(InterfaceResolver)).toThrow(/^GuardedInterface: /m);
    expect(withResolver(InterfaceResolver)).toThrow(/^InterfaceWithGuardedField\.name: /m);
  });

  test('two conditions of presence, of which the second would not be asked, stop the start', () => {
    expect(withResolver(TwiceAbsent)).toThrow(AccessError);
    expect(withResolver(TwiceAbsent)).toThrow('Query.absent: nullForGuests, nullWithoutToken: only one can say');
  });

  test('a guard on what clients send would guard nothing, so it stops the start', () => {
    for (const coordinate of ['InputWithGuardedField.promote', 'GuardedInput', 'Query.byArgument(promote:)']) {
      expect(withResolver(InputResolver)).toThrow(AccessError);
      expect(withResolver(InputResolver)).toThrow(`\n${coordinate}: a guard on input guards nothing.`);
    }
    expect(withResolver(ArgumentsResolver)).toThrow(AccessError);
    expect(withResolver(ArgumentsResolver)).toThrow(/^GuardedArguments: /m);
  });

  test('a guard on a resolver class would guard nothing, so it stops the start', () => {
    expect(withResolver(GuardedResolverClass)).toThrow(AccessError);
    expect(withResolver(GuardedResolverClass)).toThrow(/^GuardedResolverClass: /m);
  });

  test('an open field gives its reason', () => {
    expect(() => open('')).toThrow('open() needs a reason.');
    expect(() => open(' \t\n')).toThrow('open() needs a reason.');
    expect(open('all are welcome').description).toBe('Open: all are welcome.');
  });
});

describe('Z0: several guards', () => {
  test('two guards on one field both hold', () => {
    expect(rulesOf(withResolver(TwoGuards)(), 'Query', 'twice').sort()).toEqual(['administrator', 'authenticated']);
  });

  test('two guards on one type both hold', () => {
    const built = withResolver(TwiceGuardedResolver)();
    expect(rulesOf(built, 'TwiceGuarded', 'name').sort()).toEqual(['authenticated', 'bearer']);
  });

  test('a guard on a field and one on its resolver both hold, with that of the type', () => {
    const built = withResolver(SplitResolver)();
    expect(rulesOf(built, 'Split', 'secret').sort()).toEqual([
      'administrator',
      'firstParty',
      'open(its fields decide for themselves)',
    ]);
  });

  test('building a schema twice gives the same rules in the same order', () => {
    const again = guardedSchema(modules);
    for (const [coordinate, field] of real.tree.fields) {
      expect([coordinate, again.tree.fields.get(coordinate)?.rules]).toEqual([coordinate, field.rules]);
    }
  });
});

describe('Z0: the tree of the real schema', () => {
  const coordinates = Object.values(real.schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !isIntrospectionType(type)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  );

  test('has an entry for every field of every object type, and no other', () => {
    expect(coordinates.length).toBeGreaterThan(80);
    expect([...real.tree.fields.keys()].sort()).toEqual(coordinates.sort());
  });

  test.each(coordinates)('%s has a rule', (coordinate) => {
    const guarded = real.tree.fields.get(coordinate);
    expect(guarded?.rules.length).toBeGreaterThan(0);
    expect(guarded?.coordinate).toBe(coordinate);
  });

  test('every field of User needs user:read and every field of Post post:read', () => {
    for (const [type, rule] of [
      ['User', tokenCan('user:read')],
      ['Post', tokenCan('post:read')],
    ] as const) {
      const fields = [...real.tree.fields.values()].filter(({ coordinate }) => coordinate.startsWith(`${type}.`));
      expect(fields.length).toBeGreaterThan(3);
      for (const field of fields) {
        expect(field.principalRules).toContain(rule);
      }
    }
  });

  test('asking for the rules of a field that nobody knows throws', () => {
    expect(() => real.tree.field('Post', 'nothing')).toThrow('No rule is known for Post.nothing.');
  });

  test('one rule object stands for each set of abilities, so that it is decided once a document', () => {
    expect(tokenCan('post:read')).toBe(tokenCan('post:read'));
    expect(tokenCan('post:read')).not.toBe(tokenCan('post:update'));
    expect(tokenCan('post:read', 'post:update').name).toBe('tokenCan(post:read|post:update)');
  });

  test('an action that a policy does not know does not compile', () => {
    const known = definePolicy(UserPolicy);
    // @ts-expect-error: there is no such action
    expect(policy(known, 'viewEmial').description).toBe('');
  });
});
