import { Field, ID, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { policy, tokenCan } from '../access/rules.js';
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
}
