import { Field, Int, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { firstParty } from '../access/rules.js';

@Guard(firstParty)
@ObjectType('ApiTokenLimits', { description: 'What the settings let you do with tokens of your own.' })
export class ApiTokenLimitsType {
  @Field(() => Int, { nullable: true, description: 'Days that a token may live; null when there is no limit.' })
  maximumLifetimeDays!: number | null;

  @Field(() => Int, { description: 'How many tokens you may hold at once.' })
  maximumCount!: number;

  @Field(() => Int, { description: 'How many you hold, the expired ones that are not yet removed included.' })
  count!: number;
}
