import { Field, ID, ObjectType } from 'type-graphql';
import type { Post, User } from './entities.js';

@ObjectType('User')
export class UserType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  email!: string;

  @Field(() => Date)
  createdAt!: Date;
}

@ObjectType('Post')
export class PostType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  title!: string;

  @Field(() => String)
  body!: string;

  @Field(() => Boolean)
  published!: boolean;

  @Field(() => UserType)
  author!: UserType;

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date)
  updatedAt!: Date;
}

@ObjectType()
export class PostConnection {
  @Field(() => [PostType])
  nodes!: Post[];
}

@ObjectType()
export class Viewer {
  @Field(() => UserType, { nullable: true })
  user!: User | null;
}
