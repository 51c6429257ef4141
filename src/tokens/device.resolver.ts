import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { apiEnabled, oncePerRequest, open } from '../access/rules.js';
import { passwordSource } from '../auth/audit.js';
import { withSignIn } from '../auth/sign-in.js';
import { Audited } from '../graphql/audited.js';
import type { Context } from '../graphql/context.js';
import { credentials } from '../graphql/input.js';
import { NewApiTokenType } from './api-token.type.js';
import { type IssuedToken, issueToken } from './issuance.js';

@Resolver()
export class DeviceResolver {
  @Audited('token.issue')
  @Guard(open('it is how a device gets its first token'), apiEnabled, oncePerRequest)
  @Mutation(() => NewApiTokenType, {
    description: 'Exchanges an e-mail and a password for a token: for phones and command lines, without a session.',
  })
  async issueApiToken(
    @Arg('email', () => String, { description: 'The e-mail address of the account.' }) email: string,
    @Arg('password', () => String, { description: 'Its password.' }) password: string,
    @Arg('deviceName', () => String, { description: 'What the token is called; one line, 255 characters at most.' })
    deviceName: string,
    @Arg('abilities', () => [String], {
      nullable: true,
      description: 'What it may ask for; without them the default abilities of the settings.',
    })
    abilities: string[] | null | undefined,
    @Ctx() context: Context,
  ): Promise<IssuedToken> {
    const { services, request } = context;
    const { config, catalogue } = services;
    const typed = credentials({ email, password });
    return withSignIn(services, typed, request, 'token.issue', async ({ user: owner, passwordHash }) => {
      const api = await context.api();
      return issueToken(
        { em: context.em, catalogue, prefix: config.tokenPrefix, limitPerUser: config.tokensPerUser, api },
        {
          ownerId: owner.id,
          owner,
          name: deviceName,
          nameArgument: 'deviceName',
          abilities: abilities ?? holdableDefaults(api.defaultAbilities, catalogue.holdable(owner)),
          expiresAt: null,
          by: passwordSource(request, owner.id),
          action: 'token.issue',
          checkedHash: passwordHash,
        },
        new Date(),
      );
    });
  }
}

/** The defaults, without those that this owner may not hold. */
function holdableDefaults(defaults: readonly string[], holdable: readonly string[]): string[] {
  return defaults.filter((name) => holdable.includes(name));
}
