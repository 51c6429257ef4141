import { p } from '@mikro-orm/core';
import { v7 } from 'uuid';

/** The columns that every entity begins with; a UUIDv7 key sorts by time of creation. */
export const recordColumns = {
  id: p
    .uuid()
    .primary()
    .onCreate(() => v7()),
  createdAt: p
    .datetime()
    .columnType('timestamptz')
    .onCreate(() => new Date()),
};
