import { definePolicy } from '../access/policy.js';
import type { Principal } from '../auth/principal.js';
import { User, userId } from './user.entity.js';

const userOrAdministrator = (principal: Principal, user: { readonly id: string }) =>
  principal.is(user.id) || principal.isAdministrator;

/** Every account may be seen by everyone who has one; what is private of it only by itself and by administrators. */
export const UserPolicy = definePolicy({
  name: 'User',
  entity: User,
  id: userId,
  scope: (principal) => (principal.user === null ? { id: { $in: [] } } : {}),
  actions: {
    viewEmail: { description: 'Only the user or an administrator.', may: userOrAdministrator },
    viewRole: { description: 'Only the user or an administrator.', may: userOrAdministrator },
    oversee: { description: 'Only an administrator.', may: (principal) => principal.isAdministrator },
  },
});
