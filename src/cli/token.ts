import { type Command, InvalidArgumentError } from 'commander';
import { effectiveExpiry, readApiState } from '../auth/api-state.js';
import { apiTokenId } from '../auth/api-token-id.js';
import { commandLine } from '../auth/audit.js';
import { LatchkeyError } from '../errors.js';
import { modules } from '../registry.js';
import { guardedSchema } from '../schema.js';
import { ApiToken } from '../tokens/api-token.entity.js';
import { pruneExpiredTokens } from '../tokens/expiry.js';
import { issueToken } from '../tokens/issuance.js';
import { revoke as revokeToken } from '../tokens/revocation.js';
import { accountByEmail } from './account.js';
import { parseExpiry } from './expiry.js';
import { names } from './names.js';
import { withDatabase } from './open.js';
import { moment, printJson, table } from './table.js';

/** `latchkey token ...`, also spelled `tokens`. */
export function addTokenCommands(program: Command): void {
  const token = program
    .command('token')
    .alias('tokens')
    .description('Personal access tokens of all users.')
    .addHelpText('after', '\nExample:\n  latchkey token list');

  token
    .command('create')
    .description('Make a token and print it, alone on standard output, this once.')
    .requiredOption('--user <email>', 'whose token it is')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--abilities <names>', 'what it may do, separated by commas; * for everything its owner may', names)
    .option('--expires <when>', 'a date such as 2030-01-31, or a span such as 30d', (text) => parseExpiry(text))
    .addHelpText(
      'after',
      '\nExample:\n  latchkey token create --user ada@example.com --name backup --abilities post:read,user:read --expires 30d',
    )
    .action(create);

  token
    .command('list')
    .description('Print tokens, the oldest first; never their text, which is stored nowhere.')
    .option('--user <email>', 'only those of one user')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  latchkey token list --user ada@example.com')
    .action(list);

  token
    .command('revoke')
    .description('Delete a token; the next request with it is refused.')
    .argument('<id>', 'as the list shows it: token_...')
    .addHelpText('after', '\nExample:\n  latchkey token revoke token_01h455vb4pex5vsknk084sn02q')
    .action(revoke);

  token
    .command('prune')
    .description('Delete the tokens that expired some time ago; the server does so daily.')
    .option('--hours <hours>', 'for how many hours they must have been expired', hours, 24)
    .addHelpText('after', '\nExample:\n  latchkey token prune --hours 24')
    .action(prune);
}

interface CreateOptions {
  readonly user: string;
  readonly name: string;
  readonly abilities: string[];
  readonly expires?: Date;
}

async function create({ user: email, name, abilities, expires }: CreateOptions): Promise<void> {
  const { catalogue } = guardedSchema(modules);
  await withDatabase(async ({ config, em }) => {
    const owner = await accountByEmail(em, email);
    if (owner.disabledAt != null) {
      throw new Error(`${owner.email} is disabled, and so would be the token: enable the account first.`);
    }
    const api = await readApiState(em);
    const issuer = { em, catalogue, prefix: config.tokenPrefix, limitPerUser: config.tokensPerUser, api };
    const request = {
      ownerId: owner.id,
      owner,
      name,
      abilities,
      expiresAt: expires ?? null,
      by: commandLine,
      allowWildcard: true,
    };
    const now = new Date();
    const { plainTextToken, apiToken } = await issueToken(issuer, request, now).catch((error: unknown) => {
      throw withAbilities(error, catalogue.holdable(owner));
    });
    const end = effectiveExpiry(apiToken.createdAt, apiToken.expiresAt ?? null, api);
    console.error(
      `${apiTokenId.encode(apiToken.id)} of ${owner.email}, ${end === null ? 'without an end' : `until ${moment(end)}`}.`,
    );
    if (!api.enabled) {
      console.error('The API for tokens is off. To switch it on: npx latchkey settings set --enabled on');
    }
    console.error('The token, shown only this once:');
    console.log(plainTextToken);
  });
}

/** A refused ability is most often misspelled, so the refusal lists the right ones. */
function withAbilities(error: unknown, known: readonly string[]): unknown {
  const fields =
    error instanceof LatchkeyError ? (error.extensions.fields as Record<string, unknown> | undefined) : undefined;
  return error instanceof LatchkeyError && fields?.abilities !== undefined
    ? new LatchkeyError(`${error.message}\nThis user may give: ${known.join(', ')}.`, error.code)
    : error;
}

async function list({ user: email, json }: { user?: string; json?: true }): Promise<void> {
  const tokens = await withDatabase(async ({ em }) => {
    const where = email === undefined ? {} : { user: (await accountByEmail(em, email)).id };
    const api = await readApiState(em);
    const found = await em.find(ApiToken, where, { orderBy: { id: 'asc' }, populate: ['user'] });
    return found.map(({ id, user, name, abilities, createdAt, expiresAt, lastUsedAt, lastUsedIp }) => ({
      id: apiTokenId.encode(id),
      user: user.email,
      name,
      abilities,
      createdAt,
      expiresAt: effectiveExpiry(createdAt, expiresAt ?? null, api),
      lastUsedAt: lastUsedAt ?? null,
      lastUsedIp: lastUsedIp ?? null,
    }));
  });
  if (json) {
    printJson(tokens);
    return;
  }
  console.log(
    table(
      ['ID', 'USER', 'NAME', 'ABILITIES', 'LAST USED', 'EXPIRES'],
      tokens.map((token) => [
        token.id,
        token.user,
        token.name,
        token.abilities.join(',') || '-',
        moment(token.lastUsedAt),
        moment(token.expiresAt),
      ]),
    ),
  );
}

async function revoke(id: string): Promise<void> {
  const uuid = apiTokenId.decode(id);
  if (uuid === null) {
    throw new Error('This is no id of a token: it begins with token_, and `latchkey token list` shows it.');
  }
  await withDatabase(async ({ em }) => {
    await revokeToken(em, uuid, commandLine).catch((error: unknown) => {
      throw error instanceof LatchkeyError && error.code === 'NOT_FOUND'
        ? new Error(`There is no token ${id}.`)
        : error;
    });
    console.log(`${id} is revoked.`);
  });
}

async function prune({ hours: expiredFor }: { hours: number }): Promise<void> {
  const count = await withDatabase(({ em }) => pruneExpiredTokens(em, new Date(), expiredFor, commandLine));
  console.log(`${count === 1 ? 'One token' : `${count} tokens`} deleted.`);
}

function hours(text: string): number {
  if (!/^\d{1,6}$/.test(text)) {
    throw new InvalidArgumentError('It is a whole number of hours.');
  }
  return Number(text);
}
