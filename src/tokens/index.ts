import type { Module } from '../module.js';
import { AbilityResolver } from './ability.resolver.js';
import { ApiToken } from './api-token.entity.js';
import { ApiTokenPolicy } from './api-token.policy.js';
import { ApiTokenResolver } from './api-token.resolver.js';
import { DeviceResolver } from './device.resolver.js';
import { pruneExpiredTokens } from './expiry.js';
import { OversightResolver } from './oversight.resolver.js';

const dailyGraceHours = 24;

/** Personal access tokens: issued to programs, listed, changed and revoked by their owner's session. */
export const tokens: Module = {
  name: 'tokens',
  entities: [ApiToken],
  resolvers: [ApiTokenResolver, DeviceResolver, AbilityResolver, OversightResolver],
  nodes: [{ type: 'ApiToken', policy: ApiTokenPolicy }],
  prune: (em, now) => pruneExpiredTokens(em, now, dailyGraceHours),
};
