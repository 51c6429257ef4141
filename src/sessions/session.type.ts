import { Field, ID, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { firstParty } from '../access/rules.js';
import { NodeType } from '../graphql/node.js';
import { DateTime } from '../graphql/scalars.js';

@Guard(firstParty)
@ObjectType('Session', { implements: NodeType, description: 'A browser that is signed in.' })
export class SessionType implements NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server. It is not what the cookie holds.' })
  id!: string;

  @Field(() => Boolean, { description: 'Whether it is the session that asks.' })
  isCurrent!: boolean;

  @Field(() => String, { nullable: true, description: 'The network address of its last request.' })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'What the browser calls itself.' })
  userAgent!: string | null;

  @Field(() => DateTime, { description: 'When the browser signed in.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last used, to the minute.' })
  lastActiveAt!: Date;

  @Field(() => DateTime, { description: 'When it ends in any case; inactivity ends it sooner.' })
  expiresAt!: Date;
}
