import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { policy, tokenCan } from '../access/rules.js';
import { connectionOf } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTime } from '../graphql/scalars.js';
import { UserPolicy } from './user.policy.js';

@Guard(tokenCan('user:read'))
@ObjectType('User', { implements: NodeType, description: 'A person with an account.' })
export class UserType implements NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server.' })
  id!: string;

  @Field(() => String, { description: 'What the user is called.' })
  name!: string;

  @Guard(policy(UserPolicy, 'viewEmail'))
  @Field(() => String, { nullable: true, description: 'Where the user is reached.' })
  email!: string;

  @Field(() => DateTime, { description: 'When the account was made.' })
  createdAt!: Date;

  @Guard(policy(UserPolicy, 'viewRole'))
  @Field(() => Boolean, { nullable: true, description: 'Whether the user is an administrator.' })
  administrator!: boolean;

  @Guard(policy(UserPolicy, 'oversee'))
  @Field(() => DateTime, { nullable: true, description: 'When the account was disabled; null while it is not.' })
  disabledAt!: Date | null;

  @Guard(policy(UserPolicy, 'oversee'))
  @Field(() => Int, { nullable: true, description: 'How many tokens the user holds.' })
  apiTokenCount!: number;

  @Guard(policy(UserPolicy, 'oversee'))
  @Field(() => DateTime, {
    nullable: true,
    description: 'When one of the sessions and tokens that there are of the user was last used, to the minute.',
  })
  lastActiveAt!: Date | null;
}

export const UserConnection = connectionOf('User', () => UserType);
