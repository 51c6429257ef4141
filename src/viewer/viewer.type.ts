import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { firstParty, nullForGuests, nullWithoutToken, open } from '../access/rules.js';
import { ApiTokenType } from '../tokens/api-token.type.js';
import { ApiTokenLimitsType } from '../tokens/api-token-limits.type.js';
import { UserType } from '../users/user.type.js';

export enum ViewerKind {
  GUEST = 'GUEST',
  SESSION = 'SESSION',
  TOKEN = 'TOKEN',
}

registerEnumType(ViewerKind, {
  name: 'ViewerKind',
  description: 'How someone proved who they are.',
  valuesConfig: {
    GUEST: { description: 'Not at all.' },
    SESSION: { description: 'With the cookie of a first-party session.' },
    TOKEN: { description: 'With a bearer token.' },
  },
});

@Guard(open('everyone may ask who they are'))
@ObjectType('Viewer', { description: 'Who is asking.' })
export class ViewerType {
  @Field(() => ViewerKind, { description: 'How they proved who they are.' })
  kind!: ViewerKind;

  @Guard(nullForGuests)
  @Field(() => UserType, { nullable: true, description: 'The account; null for guests.' })
  user!: UserType | null;

  @Guard(nullWithoutToken)
  @Field(() => ApiTokenType, { nullable: true, description: 'The token itself; null unless one asks.' })
  token!: ApiTokenType | null;

  @Field(() => [String], {
    description: 'The abilities that count today, with all that they imply; for a session all that its user may hold.',
  })
  abilities!: string[];

  @Guard(firstParty)
  @Field(() => ApiTokenLimitsType, { description: 'What the settings let you do with tokens of your own.' })
  apiTokenLimits!: ApiTokenLimitsType;
}
