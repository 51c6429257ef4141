import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { changesPrincipal, firstParty, notNarrowed, oncePerRequest, open, trustedOrigin } from '../access/rules.js';
import type { Principal } from '../auth/principal.js';
import { withSignIn } from '../auth/sign-in.js';
import { Audited } from '../graphql/audited.js';
import type { Context } from '../graphql/context.js';
import { credentials } from '../graphql/input.js';
import { ViewerType } from '../viewer/viewer.type.js';

@Resolver()
export class SignInResolver {
  @Audited('session.begin')
  @Guard(open('it is how a session begins'), trustedOrigin, notNarrowed, oncePerRequest, changesPrincipal)
  @Mutation(() => ViewerType, { description: 'Signs the browser in.' })
  async login(
    @Arg('email', () => String, { description: 'The e-mail address of the account.' }) email: string,
    @Arg('password', () => String, { description: 'Its password.' }) password: string,
    @Ctx() context: Context,
  ): Promise<Principal> {
    const { services, request } = context;
    return withSignIn(services, credentials({ email, password }), request, 'session.begin', ({ user, passwordHash }) =>
      context.beginSession(user, { checkedHash: passwordHash }),
    );
  }

  @Audited('session.end')
  @Guard(firstParty, changesPrincipal)
  @Mutation(() => ViewerType, { description: 'Signs the browser out.' })
  async logout(@Ctx() context: Context): Promise<Principal> {
    return context.endSession();
  }
}
