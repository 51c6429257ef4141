import { Field, ID, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { open } from '../access/rules.js';
import { connectionOf } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTime } from '../graphql/scalars.js';
import { UserType } from '../users/user.type.js';

@Guard(open('a token is reached only through fields that have decided who may see it'))
@ObjectType('ApiToken', {
  implements: NodeType,
  description: 'A personal access token, without its secret: a credential for programs, with abilities of its own.',
})
export class ApiTokenType implements NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server.' })
  id!: string;

  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;

  @Field(() => UserType, { description: 'Whose it is.' })
  owner!: UserType;

  @Field(() => [String], { description: 'The abilities it was given.' })
  abilities!: string[];

  @Field(() => [String], {
    description: 'The abilities that count today: with all that they imply, without what its owner may no longer hold.',
  })
  effectiveAbilities!: string[];

  @Field(() => String, { description: 'The part of its text that is no secret, by which it is recognised.' })
  preview!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it ends: by its own date or by the settings, whichever comes first. Null when it does not.',
  })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute.' })
  lastUsedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'The network address from which it was last used.' })
  lastUsedIp!: string | null;
}

@Guard(open('it is handed only to the one who has just made the token'))
@ObjectType('NewApiToken', { description: 'A token at the one moment at which its text is known.' })
export class NewApiTokenType {
  @Field(() => String, { description: 'The text of the token. It is shown once and stored nowhere.' })
  plainTextToken!: string;

  @Field(() => ApiTokenType, { description: 'The token.' })
  apiToken!: ApiTokenType;
}

export const ApiTokenConnection = connectionOf('ApiToken', () => ApiTokenType);
