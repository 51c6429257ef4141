import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { visibleRecord } from '../access/record.js';
import { tokenCan } from '../access/rules.js';
import type { Context } from '../graphql/context.js';
import type { User } from './user.entity.js';
import { UserPolicy } from './user.policy.js';
import { UserType } from './user.type.js';

@Resolver(() => UserType)
export class UserResolver {
  @Guard(tokenCan('user:read'))
  @Query(() => UserType, { nullable: true, description: 'The user with this id.' })
  async user(
    @Arg('id', () => ID, { description: 'The id of a user.' }) id: string,
    @Ctx() context: Context,
  ): Promise<User> {
    return visibleRecord(context, UserPolicy, id);
  }
}
