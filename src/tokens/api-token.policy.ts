import type { FilterQuery } from '@mikro-orm/core';
import { definePolicy } from '../access/policy.js';
import { apiTokenId } from '../auth/api-token-id.js';
import { ApiToken } from './api-token.entity.js';

/** Tokens are their owner's, and shown to a session of the owner only; a token may look at itself. */
export const ApiTokenPolicy = definePolicy({
  name: 'ApiToken',
  entity: ApiToken,
  id: apiTokenId,
  scope: ({ kind, user, credential }): FilterQuery<ApiToken> => {
    if (kind === 'SESSION' && user !== null) {
      return { user: user.id };
    }
    return { id: { $in: kind === 'TOKEN' && credential.id !== null ? [credential.id] : [] } };
  },
  actions: {
    update: {
      description: 'Only the owner.',
      may: (principal, token: { readonly user: { readonly id: string } }) => principal.is(token.user.id),
    },
    delete: {
      description: 'Only the owner.',
      may: (principal, token: { readonly user: { readonly id: string } }) => principal.is(token.user.id),
    },
  },
});
