import { defineEntity, p } from '@mikro-orm/core';
import { recordColumns } from '../database/columns.js';
import { publicId } from '../database/public-id.js';

/** Everything that is written down, under the names that clients see. */
export const auditActions = {
  SESSION_BEGIN: 'session.begin',
  SESSION_END: 'session.end',
  SESSION_END_OTHERS: 'session.end_others',
  TOKEN_CREATE: 'token.create',
  TOKEN_ISSUE: 'token.issue',
  TOKEN_UPDATE: 'token.update',
  TOKEN_REVOKE: 'token.revoke',
  TOKEN_PRUNE: 'token.prune',
  SETTINGS_UPDATE: 'settings.update',
  USER_CREATE: 'user.create',
  USER_UPDATE: 'user.update',
  USER_PASSWORD: 'user.password',
  USER_STANDING: 'user.standing',
  USER_DELETE: 'user.delete',
} as const;
export type AuditAction = (typeof auditActions)[keyof typeof auditActions];

/** How the act reached the server. */
export type AuditVia = 'GRAPHQL' | 'COMMAND_LINE' | 'START' | 'JOB';

/** `RUN_AS` is a session that ran as a token. */
export type AuditCredentialKind = 'PASSWORD' | 'SESSION' | 'RUN_AS' | 'TOKEN';

export type AuditSubjectType = 'USER' | 'SESSION' | 'TOKEN' | 'SETTINGS';

export type AuditOutcome = 'DONE' | 'REFUSED';

/** One fact of a change; never a secret. Null where there was nothing, and where the value is nobody's business. */
export interface AuditChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const AuditEventSchema = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  indexes: [
    { properties: ['actorId', 'id'] },
    { properties: ['ownerId', 'id'] },
    { properties: ['subjectId', 'id'] },
    { properties: ['action', 'id'] },
  ],
  // What was written stays as it was, whoever asks; rows only go, when they are old enough.
  triggers: [
    {
      name: 'audit_events_stay',
      timing: 'before',
      events: ['update'],
      body: `raise exception 'audit events do not change'`,
    },
  ],
  properties: {
    id: recordColumns.id,
    at: p.datetime().columnType('timestamptz'),
    action: p.string().length(32).$type<AuditAction>(),
    outcome: p.string().length(8).$type<AuditOutcome>(),
    /** The code of the error, where it was refused. */
    code: p.string().length(64).nullable(),
    /** More than one for attempts that were refused again and again. */
    attempts: p.integer().default(1),
    via: p.string().length(16).$type<AuditVia>(),
    /** Ids and no references: an event outlives everything that it tells of. */
    actorId: p.uuid().nullable(),
    credentialKind: p.string().length(16).$type<AuditCredentialKind>().nullable(),
    credentialId: p.uuid().nullable(),
    subjectType: p.string().length(16).$type<AuditSubjectType>().nullable(),
    subjectId: p.uuid().nullable(),
    /** The account that the subject is, or belongs to. */
    ownerId: p.uuid().nullable(),
    ip: p.string().length(64).nullable(),
    userAgent: p.string().length(512).nullable(),
    requestId: p.string().length(64).nullable(),
    changes: p.json<AuditChange[]>(),
  },
});

/** Who did, or tried to do, what, with which credential, from where, and what came of it. */
export class AuditEvent extends AuditEventSchema.class {}
AuditEventSchema.setClass(AuditEvent);

export const auditEventId = publicId('event');
