import { Field, Int, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { administrator, open, tokenCan } from '../access/rules.js';
import { DateTime } from '../graphql/scalars.js';

@ObjectType('ApiSettings', { description: 'What administrators decided about the API for tokens.' })
export class ApiSettingsType {
  @Guard(open('anyone may ask whether the API is on'))
  @Field(() => Boolean, { description: 'Whether tokens are accepted at all.' })
  enabled!: boolean;

  @Guard(tokenCan('settings:read'), administrator)
  @Field(() => [String], {
    description: 'The abilities that a form ticks at first, and that a device gets when it names none.',
  })
  defaultAbilities!: string[];

  @Guard(tokenCan('settings:read'), administrator)
  @Field(() => Int, { nullable: true, description: 'Days that a token may live; null when there is no limit.' })
  maximumTokenLifetimeDays!: number | null;

  @Guard(tokenCan('settings:read'), administrator)
  @Field(() => DateTime, { description: 'When the settings were last changed.' })
  updatedAt!: Date;
}
