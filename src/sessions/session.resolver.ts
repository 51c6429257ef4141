import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { decodeId } from '../access/record.js';
import { firstParty, policy } from '../access/rules.js';
import { notFound } from '../errors.js';
import { Audited } from '../graphql/audited.js';
import { accountOf, type Context } from '../graphql/context.js';
import { ListSize } from '../graphql/list-size.js';
import { Session } from './session.entity.js';
import { SessionPolicy } from './session.policy.js';
import { SessionType } from './session.type.js';

/** Every sign-in makes a session, and nothing else bounds how many there are. */
const listed = 100;

@Resolver(() => SessionType)
export class SessionResolver {
  @ListSize(listed)
  @Guard(firstParty)
  @Query(() => [SessionType], {
    description: 'The browsers in which you are signed in, the latest first; a hundred at most.',
  })
  async sessions(@Ctx() context: Context): Promise<Session[]> {
    const alive = context.services.sessions.alive(new Date());
    const mine = { user: accountOf(context.principal).id, ...alive };
    return context.em.find(Session, mine, { orderBy: { id: 'desc' }, limit: listed });
  }

  @Audited('session.end')
  @Guard(firstParty, policy(SessionPolicy, 'revoke'))
  @Mutation(() => ID, { description: 'Signs another browser out; returns the id.' })
  async revokeSession(
    @Arg('id', () => ID, { description: 'The id of one of your sessions.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    const uuid = decodeId(SessionPolicy, id, 'id');
    const owner = accountOf(context.principal).id;
    if (!(await context.services.sessions.end(uuid, context.auditSource, owner))) {
      throw notFound();
    }
    if (uuid === context.principal.credential.id) {
      await context.endSession();
    }
    return id;
  }

  @Audited('session.end_others')
  @Guard(firstParty)
  @Mutation(() => Int, { description: 'Signs all your other browsers out; returns how many.' })
  async revokeOtherSessions(@Ctx() context: Context): Promise<number> {
    const { id } = context.principal.credential;
    return context.services.sessions.endOthers(accountOf(context.principal).id, id, context.auditSource);
  }

  @FieldResolver()
  isCurrent(@Root() session: Session, @Ctx() context: Context): boolean {
    return session.id === context.principal.credential.id;
  }
}
