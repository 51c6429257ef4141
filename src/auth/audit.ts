import type { RequiredEntityData } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { ErrorCode } from '../errors.js';
import {
  type AuditAction,
  type AuditChange,
  type AuditCredentialKind,
  AuditEvent,
  type AuditSubjectType,
  type AuditVia,
} from './audit-event.entity.js';
import type { RequestFacts } from './authenticate.js';
import type { Principal } from './principal.js';

/** Who does something, by which credential, and from where. */
export interface AuditSource {
  readonly via: AuditVia;
  /** UUID of the account; null for nobody and for the operator. */
  readonly actorId: string | null;
  readonly credential: { readonly kind: AuditCredentialKind; readonly id: string | null } | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** The record that an act is about, by UUID; `ownerId` is the account that it is, or belongs to. */
export interface AuditSubject {
  readonly type: AuditSubjectType;
  readonly id: string | null;
  readonly ownerId: string | null;
}

/** What was done. */
export interface AuditEntry {
  readonly action: AuditAction;
  readonly subject: AuditSubject | null;
  readonly changes?: readonly AuditChange[];
}

/** What was tried. */
export interface AuditRefusal extends AuditEntry {
  readonly code: ErrorCode;
}

const nowhere = { actorId: null, credential: null, ip: null, userAgent: null, requestId: null };

/** The operator, at the command line. */
export const commandLine: AuditSource = { ...nowhere, via: 'COMMAND_LINE' };
/** The server itself, when it starts. */
export const serverStart: AuditSource = { ...nowhere, via: 'START' };
/** The server itself, when it clears away. */
export const serverJob: AuditSource = { ...nowhere, via: 'JOB' };

/** Someone who has shown nothing: a guest who makes an account. */
export function guestSource(request: RequestFacts): AuditSource {
  return {
    via: 'GRAPHQL',
    actorId: null,
    credential: null,
    ip: request.ip,
    userAgent: userAgentOf(request),
    requestId: request.id === '' ? null : request.id,
  };
}

/** Someone who has typed the password of an account, or tried to, and is known by nothing else. */
export function passwordSource(request: RequestFacts, accountId: string | null): AuditSource {
  return { ...guestSource(request), actorId: accountId, credential: { kind: 'PASSWORD', id: null } };
}

/** Whoever a request has been authenticated as. */
export function principalSource({ user, kind, credential }: Principal, request: RequestFacts): AuditSource {
  const shown = credential.narrowed
    ? { kind: 'RUN_AS' as const, id: credential.narrowed.sessionId }
    : kind === 'GUEST'
      ? null
      : { kind, id: credential.id };
  return { ...guestSource(request), actorId: user?.id ?? null, credential: shown };
}

/** What a browser calls itself, as it can be stored. */
export function userAgentOf(request: RequestFacts): string | null {
  return request.userAgent?.replaceAll('\0', '').slice(0, 512) ?? null;
}

/** A fact of a change, or none when nothing changed; lists are written with commas, an empty one as an empty text. */
export function change(name: string, before: ChangeValue, after: ChangeValue): AuditChange[] {
  const [from, to] = [spell(before), spell(after)];
  return from === to ? [] : [{ name, before: from, after: to }];
}

/** A fact whose values are personal: that it changed, and nothing else. */
export function privateChange(name: string, before: ChangeValue, after: ChangeValue): AuditChange[] {
  return spell(before) === spell(after) ? [] : [{ name, before: null, after: null }];
}

type ChangeValue = string | number | boolean | Date | readonly string[] | null | undefined;

function spell(value: ChangeValue): string | null {
  if (value == null) {
    return null;
  }
  return value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.join(', ') : String(value);
}

/**
 * Writes down what is being done, in the unit of work that does it: the event is written by the same flush, so it is
 * there when the change is, and goes with it when the change is rolled back.
 */
export function record(unit: EntityManager, source: AuditSource, entry: AuditEntry): void {
  unit.persist(unit.create(AuditEvent, { ...eventOf(source, entry), outcome: 'DONE', code: null }));
}

/** The row of an attempt that was refused. */
export function refusalOf(source: AuditSource, refusal: AuditRefusal): RequiredEntityData<AuditEvent> {
  return { ...eventOf(source, refusal), outcome: 'REFUSED', code: refusal.code };
}

function eventOf({ credential, ...source }: AuditSource, { action, subject, changes }: AuditEntry) {
  return {
    ...source,
    ...dated(),
    action,
    attempts: 1,
    credentialKind: credential?.kind ?? null,
    credentialId: credential?.id ?? null,
    subjectType: subject?.type ?? null,
    subjectId: subject?.id ?? null,
    ownerId: subject?.ownerId ?? null,
    changes: [...(changes ?? [])],
  };
}

/** A key for an event of now, and the moment that both tell: spans of time are bounded by keys. */
export function dated(): { id: string; at: Date } {
  const id = v7();
  const told = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  // Keys go on from where they were when the clock is set back, moments do not.
  return { id, at: new Date(Math.min(told, Date.now())) };
}

/** The lowest key of that moment, which bounds a span of time by the key that events are ordered by. */
export function firstIdAt(moment: Date): string {
  const milliseconds = Math.min(Math.max(moment.getTime(), 0), 0xffff_ffff_ffff);
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
