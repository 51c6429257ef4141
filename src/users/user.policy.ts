import { definePolicy } from '../access/policy.js';
import { User, userId } from './user.entity.js';

/** Every account may be seen by everyone who has one; its e-mail only by itself and by administrators. */
export const UserPolicy = definePolicy({
  name: 'User',
  entity: User,
  id: userId,
  scope: (principal) => (principal.user === null ? { id: { $in: [] } } : {}),
  actions: {
    viewEmail: {
      description: 'Only the user or an administrator.',
      may: (principal, user: { readonly id: string }) => principal.is(user.id) || principal.isAdministrator,
    },
  },
});
