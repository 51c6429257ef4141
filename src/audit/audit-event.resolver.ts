import type { FilterQuery } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { decodeId } from '../access/record.js';
import { firstParty } from '../access/rules.js';
import { apiTokenId } from '../auth/api-token-id.js';
import { firstIdAt } from '../auth/audit.js';
import { type AuditAction, AuditEvent, auditActions } from '../auth/audit-event.entity.js';
import { sessionId } from '../auth/session-id.js';
import { type PublicId, parsePublicId } from '../database/public-id.js';
import { badUserInput } from '../errors.js';
import { fieldsAsked } from '../graphql/asked.js';
import { type Page, PageArgs, readPage } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { DateTime } from '../graphql/scalars.js';
import { User, userId } from '../users/user.entity.js';
import { UserPolicy } from '../users/user.policy.js';
import { AuditEventPolicy } from './audit-event.policy.js';
import { AuditEventConnection, AuditEventType, AuditOutcome } from './audit-event.type.js';

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  @Guard(firstParty)
  @Query(() => AuditEventConnection, {
    description:
      'What was changed of tokens, settings, users and sessions, and what was refused, the latest first: everything for administrators, for others what they did and what happened to their account.',
  })
  async auditEvents(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('user', () => ID, {
      nullable: true,
      description: 'Only what the user with this id did, or what happened to that account.',
    })
    user: string | null | undefined,
    @Arg('action', () => auditActions, { nullable: true, description: 'Only this.' })
    action: AuditAction | null | undefined,
    @Arg('outcome', () => AuditOutcome, {
      nullable: true,
      description: 'Only what was done, or only what was refused; without it, both.',
    })
    outcome: AuditOutcome | null | undefined,
    @Arg('subject', () => ID, {
      nullable: true,
      description: 'Only what is about the user, the session or the token with this id.',
    })
    subject: string | null | undefined,
    @Arg('since', () => DateTime, { nullable: true, description: 'Only what was then or later.' })
    since: Date | null | undefined,
    @Arg('until', () => DateTime, { nullable: true, description: 'Only what was before.' })
    until: Date | null | undefined,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page<AuditEvent>> {
    const conditions: FilterQuery<AuditEvent>[] = [AuditEventPolicy.scope(context.principal)];
    if (user != null) {
      const uuid = decodeId(UserPolicy, user, 'user');
      conditions.push({ $or: [{ actorId: uuid }, { ownerId: uuid }] });
    }
    if (action != null) {
      conditions.push({ action });
    }
    if (outcome != null) {
      conditions.push({ outcome });
    }
    if (subject != null) {
      conditions.push({ subjectId: decodeSubject(subject) });
    }
    if (since != null) {
      conditions.push({ id: { $gte: firstIdAt(since) } });
    }
    if (until != null) {
      conditions.push({ id: { $lt: firstIdAt(until) } });
    }
    await context.services.refusals.flush();
    const asked = { fields: new Set([...fieldsAsked(info, 'AuditEvent'), ...deciding]) };
    return readPage(context.services.rows.of(AuditEvent), { $and: conditions }, page, asked);
  }

  @FieldResolver()
  actor(@Root() event: AuditEvent, @Ctx() context: Context): Promise<User | null> | null {
    return event.actorId == null ? null : context.loaders.load(User, event.actorId);
  }

  @FieldResolver()
  actorId(@Root() event: AuditEvent): string | null {
    return encoded(userId, event.actorId);
  }

  @FieldResolver()
  credentialId(@Root() event: AuditEvent, @Ctx() context: Context): string | null {
    return encoded(event.credentialKind === 'TOKEN' ? apiTokenId : sessionId, shown(context, event)?.credentialId);
  }

  @FieldResolver()
  subjectId(@Root() event: AuditEvent): string | null {
    const kind = subjectIds.find(({ type }) => type === event.subjectType);
    return kind === undefined ? null : encoded(kind.id, event.subjectId);
  }

  @FieldResolver()
  owner(@Root() event: AuditEvent, @Ctx() context: Context): Promise<User | null> | null {
    return event.ownerId == null ? null : context.loaders.load(User, event.ownerId);
  }

  @FieldResolver()
  ownerId(@Root() event: AuditEvent): string | null {
    return encoded(userId, event.ownerId);
  }

  @FieldResolver()
  ip(@Root() event: AuditEvent, @Ctx() context: Context): string | null {
    return shown(context, event)?.ip ?? null;
  }

  @FieldResolver()
  userAgent(@Root() event: AuditEvent, @Ctx() context: Context): string | null {
    return shown(context, event)?.userAgent ?? null;
  }

  @FieldResolver()
  requestId(@Root() event: AuditEvent, @Ctx() context: Context): string | null {
    return shown(context, event)?.requestId ?? null;
  }
}

/** What the policy and the forms of ids are decided by. */
const deciding = ['actorId', 'credentialKind', 'subjectType'];

const subjectIds = [
  { type: 'USER', id: userId },
  { type: 'SESSION', id: sessionId },
  { type: 'TOKEN', id: apiTokenId },
] as const;

function decodeSubject(id: string): string {
  const parsed = parsePublicId(id);
  if (parsed === null || !subjectIds.some(({ id: { prefix } }) => prefix === parsed.prefix)) {
    throw badUserInput({ subject: ['must be the id of a user, a session or a token.'] });
  }
  return parsed.uuid;
}

/** The event, if where it came from may be seen. */
function shown({ principal }: Context, event: AuditEvent): AuditEvent | null {
  return AuditEventPolicy.actions.viewOrigin.may(principal, event) ? event : null;
}

function encoded(id: PublicId, uuid: string | null | undefined): string | null {
  return uuid == null ? null : id.encode(uuid);
}
