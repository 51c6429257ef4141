import type { FilterQuery } from '@mikro-orm/core';
import { definePolicy } from '../access/policy.js';
import { AuditEvent, auditEventId } from '../auth/audit-event.entity.js';

/** Events are shown to sessions: all of them to administrators, to others those that they made or that are about them. */
export const AuditEventPolicy = definePolicy({
  name: 'AuditEvent',
  entity: AuditEvent,
  id: auditEventId,
  scope: ({ kind, user }): FilterQuery<AuditEvent> => {
    if (kind !== 'SESSION' || user === null) {
      return { id: { $in: [] } };
    }
    return user.isAdministrator ? {} : { $or: [{ actorId: user.id }, { ownerId: user.id }] };
  },
  actions: {
    viewOrigin: {
      description: 'Only an administrator, where another account acted.',
      may: (principal, event: { readonly actorId?: string | null }) =>
        principal.isAdministrator || event.actorId == null || principal.is(event.actorId),
    },
  },
});
