import { defineEntity, p } from '@mikro-orm/core';
import { recordColumns } from '../database/columns.js';
import { User } from '../users/user.entity.js';

const ApiTokenSchema = defineEntity({
  name: 'ApiToken',
  tableName: 'api_tokens',
  indexes: [{ properties: ['abilities'], type: 'gin' }],
  properties: {
    ...recordColumns,
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    name: p.string().length(255),
    /** SHA-256 of the secret in hexadecimal; the secret itself is stored nowhere. */
    secretHash: p.string().length(64).lazy().hidden(),
    /** As granted; what they are worth today is decided on use. */
    abilities: p.array().columnType('text[]'),
    expiresAt: p.datetime().columnType('timestamptz').nullable().index(),
    lastUsedAt: p.datetime().columnType('timestamptz').nullable(),
    lastUsedIp: p.string().length(64).nullable(),
  },
});

/** A personal access token: a credential for programs, with abilities of its own. */
export class ApiToken extends ApiTokenSchema.class {}
ApiTokenSchema.setClass(ApiToken);
