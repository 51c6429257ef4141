import { Field, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { introspection, open } from '../access/rules.js';

@Guard(open('what a token can be given is no secret'))
@ObjectType('Ability', { description: 'Something that a token may be allowed to ask for.' })
export class AbilityType {
  @Field(() => String, { description: 'Its exact name, such as `post:update`.' })
  name!: string;

  @Field(() => String, { description: 'A few words for a form.' })
  title!: string;

  @Field(() => String, { description: 'What a token with it may do.' })
  description!: string;

  @Field(() => String, { description: 'The feature that it belongs to.' })
  group!: string;

  @Field(() => [String], { description: 'The abilities that come with it.' })
  implies!: string[];

  @Field(() => Boolean, { description: "Whether only an administrator's token can use it." })
  adminOnly!: boolean;

  @Field(() => Boolean, { description: 'Whether a form ticks it at first.' })
  isDefault!: boolean;

  @Guard(introspection)
  @Field(() => [String], { description: 'The schema coordinates that it helps to unlock.' })
  unlocks!: string[];
}
