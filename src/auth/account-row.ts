import { momentExpression, toMoment } from '../database/moment.js';
import type { PrincipalUser } from './principal.js';

/** The columns of a {@link PrincipalUser}, for statements that join `users u`. */
export const accountColumns = `u.id as user_id, u.name as user_name, u.email, u.is_administrator,
  ${momentExpression('u.created_at')} as user_created_at,
  u.disabled_at is not null as disabled`;

export interface AccountRow {
  user_id: string | null;
  user_name: string;
  email: string;
  is_administrator: boolean;
  user_created_at: number;
  disabled: boolean;
}

/** Null when there is no such account, or a disabled one. */
export function toPrincipalUser(row: AccountRow): PrincipalUser | null {
  if (row.user_id === null || row.disabled) {
    return null;
  }
  return {
    id: row.user_id,
    name: row.user_name,
    email: row.email,
    isAdministrator: row.is_administrator,
    createdAt: toMoment(row.user_created_at),
  };
}
