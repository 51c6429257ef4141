import { defineEntity, p } from '@mikro-orm/core';

/** The counters of rate-limiter-flexible, in the columns that its PostgreSQL store expects. */
export const RateLimit = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limits',
  properties: {
    key: p.string().length(255).primary(),
    points: p.integer().default(0),
    /** End of the window in milliseconds since the epoch. */
    expire: p.bigint('string').nullable().index(),
  },
});
