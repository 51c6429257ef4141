import type { AuditAction } from '../../../../schema/documents.js';

/** What people call an action, as something that was done. */
export const actionNames: Record<AuditAction, string> = {
  SESSION_BEGIN: 'Sign-in',
  SESSION_END: 'Sign-out',
  SESSION_END_OTHERS: 'All other browsers signed out',
  TOKEN_CREATE: 'Token created',
  TOKEN_ISSUE: 'Token issued to a device',
  TOKEN_UPDATE: 'Token changed',
  TOKEN_REVOKE: 'Token revoked',
  TOKEN_PRUNE: 'Expired tokens removed',
  SETTINGS_UPDATE: 'Settings changed',
  USER_CREATE: 'Account created',
  USER_UPDATE: 'Account changed',
  USER_PASSWORD: 'Password changed',
  USER_STANDING: 'Role or state of an account changed',
  USER_DELETE: 'Account deleted',
};

export const actionChoices = [
  { value: '', label: 'Everything' },
  ...Object.entries(actionNames).map(([value, label]) => ({ value, label })),
];
