import { defineEntity, p } from '@mikro-orm/core';
import { recordColumns } from '../database/columns.js';
import { publicId } from '../database/public-id.js';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    ...recordColumns,
    name: p.string().length(255),
    /** Lower case and trimmed, so that the unique index holds for every spelling. */
    email: p.string().length(255).unique(),
    /** Never selected unless a query asks for it by name. */
    passwordHash: p.string().length(255).lazy().hidden(),
    isAdministrator: p.boolean().default(false),
    /** A disabled account cannot sign in, and its sessions and tokens are dead. */
    disabledAt: p.datetime().columnType('timestamptz').nullable(),
    updatedAt: p
      .datetime()
      .columnType('timestamptz')
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});

/** A person with an account. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);

export const userId = publicId('user');
