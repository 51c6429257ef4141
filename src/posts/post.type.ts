import { Field, ID, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { tokenCan } from '../access/rules.js';
import { connectionOf } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTime } from '../graphql/scalars.js';
import { UserType } from '../users/user.type.js';

@Guard(tokenCan('post:read'))
@ObjectType('Post', { implements: NodeType, description: 'A text by a user: a draft until it is published.' })
export class PostType implements NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server.' })
  id!: string;

  @Field(() => String, { description: 'One line, 255 characters at most.' })
  title!: string;

  @Field(() => String, { description: 'The text.' })
  body!: string;

  @Field(() => Boolean, { description: 'Whether everyone may read it; else its author and administrators.' })
  published!: boolean;

  @Field(() => UserType, { description: 'Who wrote it.' })
  author!: UserType;

  @Field(() => DateTime, { description: 'When it was written.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => Boolean, { description: 'Whether you, with this credential, may change it.' })
  viewerCanUpdate!: boolean;

  @Field(() => Boolean, { description: 'Whether you, with this credential, may delete it.' })
  viewerCanDelete!: boolean;
}

export const PostConnection = connectionOf('Post', () => PostType);
