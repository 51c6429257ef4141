import { defineEntity, p } from '@mikro-orm/core';
import { recordColumns } from '../database/columns.js';
import { User } from '../users/user.entity.js';

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    ...recordColumns,
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    /** SHA-256 of the cookie's value in hexadecimal; the value itself is stored nowhere. */
    secretHash: p.string().length(64).unique().lazy().hidden(),
    lastActiveAt: p
      .datetime()
      .columnType('timestamptz')
      .onCreate(() => new Date()),
    /** The absolute end; inactivity can end it sooner. */
    expiresAt: p.datetime().columnType('timestamptz').index(),
    ip: p.string().length(64).nullable(),
    userAgent: p.string().length(512).nullable(),
  },
});

/** One browser that is signed in. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

export { sessionId } from '../auth/session-id.js';
