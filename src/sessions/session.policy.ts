import { definePolicy } from '../access/policy.js';
import { Session, sessionId } from './session.entity.js';

/** A session is its user's alone, and only another session of that user may look at it. */
export const SessionPolicy = definePolicy({
  name: 'Session',
  entity: Session,
  id: sessionId,
  scope: (principal) =>
    principal.kind === 'SESSION' && principal.user !== null ? { user: principal.user.id } : { id: { $in: [] } },
  actions: {
    revoke: {
      description: 'Only the user whose session it is.',
      may: (principal, session: { readonly user: { readonly id: string } }) => principal.is(session.user.id),
    },
  },
});
