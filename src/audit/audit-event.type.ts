import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { firstParty } from '../access/rules.js';
import { type AuditAction, auditActions } from '../auth/audit-event.entity.js';
import { connectionOf } from '../graphql/connection.js';
import { ListSize } from '../graphql/list-size.js';
import { NodeType } from '../graphql/node.js';
import { DateTime } from '../graphql/scalars.js';
import { UserType } from '../users/user.type.js';

export enum AuditOutcome {
  DONE = 'DONE',
  REFUSED = 'REFUSED',
}

export enum AuditVia {
  GRAPHQL = 'GRAPHQL',
  COMMAND_LINE = 'COMMAND_LINE',
  START = 'START',
  JOB = 'JOB',
}

export enum AuditCredential {
  PASSWORD = 'PASSWORD',
  SESSION = 'SESSION',
  RUN_AS = 'RUN_AS',
  TOKEN = 'TOKEN',
}

export enum AuditSubject {
  USER = 'USER',
  SESSION = 'SESSION',
  TOKEN = 'TOKEN',
  SETTINGS = 'SETTINGS',
}

registerEnumType(auditActions, {
  name: 'AuditAction',
  description: 'What is written down.',
  valuesConfig: {
    SESSION_BEGIN: { description: 'A browser was signed in.' },
    SESSION_END: { description: 'A browser was signed out.' },
    SESSION_END_OTHERS: { description: 'All browsers of a user but one were signed out.' },
    TOKEN_CREATE: { description: 'A token was made.' },
    TOKEN_ISSUE: { description: 'A device got a token for a password.' },
    TOKEN_UPDATE: { description: 'A token was renamed, or given other abilities.' },
    TOKEN_REVOKE: { description: 'A token was revoked.' },
    TOKEN_PRUNE: { description: 'Tokens that had expired long before were deleted.' },
    SETTINGS_UPDATE: { description: 'The settings of the API for tokens were changed.' },
    USER_CREATE: { description: 'An account was made.' },
    USER_UPDATE: { description: 'The name or the e-mail address of an account was changed.' },
    USER_PASSWORD: { description: 'The password of an account was changed.' },
    USER_STANDING: { description: 'An account was made an administrator’s or an ordinary one, disabled or enabled.' },
    USER_DELETE: { description: 'An account was deleted.' },
  },
});

registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What came of an act.',
  valuesConfig: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was refused, and changed nothing.' },
  },
});

registerEnumType(AuditVia, {
  name: 'AuditVia',
  description: 'How an act reached the server.',
  valuesConfig: {
    GRAPHQL: { description: 'By this API.' },
    COMMAND_LINE: { description: 'By a command of the operator.' },
    START: { description: 'The server did it when it started.' },
    JOB: { description: 'The server does it daily.' },
  },
});

registerEnumType(AuditCredential, {
  name: 'AuditCredential',
  description: 'What someone showed.',
  valuesConfig: {
    PASSWORD: { description: 'A password.' },
    SESSION: { description: 'The cookie of a session.' },
    RUN_AS: { description: 'The cookie of a session that ran as a token.' },
    TOKEN: { description: 'A bearer token.' },
  },
});

registerEnumType(AuditSubject, {
  name: 'AuditSubject',
  description: 'What an act is about.',
  valuesConfig: {
    USER: { description: 'An account.' },
    SESSION: { description: 'A session.' },
    TOKEN: { description: 'A token.' },
    SETTINGS: { description: 'The settings of the API for tokens.' },
  },
});

@Guard(firstParty)
@ObjectType('AuditChange', { description: 'One fact of a change.' })
export class AuditChangeType {
  @Field(() => String, { description: 'What changed, such as `abilities`.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it was; null for nothing, and for what is personal.' })
  before!: string | null;

  @Field(() => String, { nullable: true, description: 'What it became; null for nothing, and for what is personal.' })
  after!: string | null;
}

const origin = 'Null where another account acted, unless you are an administrator';

@Guard(firstParty)
@ObjectType('AuditEvent', {
  implements: NodeType,
  description: 'Who did, or tried to do, what, with which credential, from where, and what came of it.',
})
export class AuditEventType implements NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server.' })
  id!: string;

  @Field(() => DateTime, { description: 'When it was.' })
  at!: Date;

  @Field(() => auditActions, { description: 'What was done, or tried.' })
  action!: AuditAction;

  @Field(() => AuditOutcome, { description: 'What came of it.' })
  outcome!: AuditOutcome;

  @Field(() => String, { nullable: true, description: 'The code of the error with which it was refused.' })
  code!: string | null;

  @Field(() => Int, { description: 'How many attempts the event tells of: those refused alike are counted together.' })
  attempts!: number;

  @Field(() => AuditVia, { description: 'How it reached the server.' })
  via!: AuditVia;

  @Field(() => UserType, {
    nullable: true,
    description: 'Who it was; null for nobody known, and once the account is gone.',
  })
  actor!: UserType | null;

  @Field(() => ID, { nullable: true, description: 'The id of that account, even once it is gone.' })
  actorId!: string | null;

  @Field(() => AuditCredential, { nullable: true, description: 'What they showed; null for nothing.' })
  credentialKind!: AuditCredential | null;

  @Field(() => ID, { nullable: true, description: `The id of that session or token. ${origin}.` })
  credentialId!: string | null;

  @Field(() => AuditSubject, { nullable: true, description: 'What it is about.' })
  subjectType!: AuditSubject | null;

  @Field(() => ID, { nullable: true, description: 'The id of what it is about, even once that is gone.' })
  subjectId!: string | null;

  @Field(() => UserType, {
    nullable: true,
    description: 'The account that this is, or belongs to; null once the account is gone.',
  })
  owner!: UserType | null;

  @Field(() => ID, { nullable: true, description: 'The id of that account, even once it is gone.' })
  ownerId!: string | null;

  @Field(() => String, { nullable: true, description: `The network address that it came from. ${origin}.` })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: `What the browser or program called itself. ${origin}.` })
  userAgent!: string | null;

  @Field(() => String, { nullable: true, description: `The \`X-Request-Id\` of the request. ${origin}.` })
  requestId!: string | null;

  @ListSize(5)
  @Field(() => [AuditChangeType], { description: 'What changed; never a secret.' })
  changes!: AuditChangeType[];
}

export const AuditEventConnection = connectionOf('AuditEvent', () => AuditEventType);
