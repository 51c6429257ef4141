import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type AuditSource, change, record } from '../auth/audit.js';
import { conflict, forbidden, notFound, unauthenticated } from '../errors.js';
import { Session } from '../sessions/session.entity.js';
import { userSubject } from './account.js';
import { User } from './user.entity.js';

/** What an account may be made; what is left out stays. */
export interface StandingChange {
  readonly administrator?: boolean | null;
  readonly disabled?: boolean | null;
}

/** An account after a {@link StandingChange}, and what became of its sessions. */
export interface Standing {
  readonly user: User;
  /** False when the account was all of that before. */
  readonly changed: boolean;
  readonly endedSessions: number;
}

/**
 * Makes an account an administrator's or an ordinary one, disabled or enabled. A session never outlives a change of what
 * its account may. The account that decides must be an enabled administrator when the change is written (`FORBIDDEN`) and
 * another one than the account that changes (`CONFLICT`): so one administrator always stays. Where no account decides,
 * nobody is asked: the command line may do it all.
 */
export async function changeStanding(
  em: EntityManager,
  id: string,
  wanted: StandingChange,
  by: AuditSource,
): Promise<Standing> {
  const decidedBy = by.actorId ?? undefined;
  if (decidedBy === id) {
    throw conflict('Nobody changes their own standing: another administrator can.');
  }
  return em.fork().transactional(async (unit) => {
    // In the order of their keys, so that two who decide about each other wait instead of blocking one another.
    const locked = await unit.find(
      User,
      { id: { $in: decidedBy === undefined ? [id] : [id, decidedBy] } },
      { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    const user = locked.find((each) => each.id === id);
    const decider = locked.find((each) => each.id === decidedBy);
    if (decidedBy !== undefined && (decider?.isAdministrator !== true || decider.disabledAt != null)) {
      throw forbidden('Only an administrator may do this.');
    }
    if (user === undefined) {
      throw notFound();
    }
    const administrator = wanted.administrator ?? user.isAdministrator;
    const disabled = wanted.disabled ?? user.disabledAt != null;
    if (administrator === user.isAdministrator && disabled === (user.disabledAt != null)) {
      return { user, changed: false, endedSessions: 0 };
    }
    const before = { administrator: user.isAdministrator, disabled: user.disabledAt != null };
    user.isAdministrator = administrator;
    user.disabledAt = disabled ? (user.disabledAt ?? new Date()) : null;
    await unit.flush();
    const endedSessions = await unit.nativeDelete(Session, { user: id });
    record(unit, by, {
      action: 'user.standing',
      subject: userSubject(id),
      changes: [
        ...change('administrator', before.administrator, administrator),
        ...change('disabled', before.disabled, disabled),
        ...change('endedSessions', null, endedSessions),
      ],
    });
    return { user, changed: true, endedSessions };
  });
}

/**
 * Deletes an account with all that is its own; throws `CONFLICT` for the last enabled administrator, and
 * `UNAUTHENTICATED` when the account has gone, is disabled, or has another password than the one that was checked.
 */
export async function removeAccount(
  em: EntityManager,
  { id, passwordHash }: Pick<User, 'id' | 'passwordHash'>,
  by: AuditSource,
): Promise<void> {
  await em.fork().transactional(async (unit) => {
    const locked = await unit.find(
      User,
      { $or: [{ id }, { isAdministrator: true, disabledAt: null }] },
      { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    const alone = locked.every((each) => each.id === id);
    if (alone && locked[0]?.isAdministrator) {
      throw conflict('This is the last administrator: make another one first.');
    }
    if ((await unit.nativeDelete(User, { id, passwordHash, disabledAt: null })) === 0) {
      throw unauthenticated();
    }
    record(unit, by, { action: 'user.delete', subject: userSubject(id) });
  });
}
