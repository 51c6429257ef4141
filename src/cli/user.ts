import type { Command } from 'commander';
import { z } from 'zod';
import { change, commandLine, record } from '../auth/audit.js';
import { Passwords } from '../auth/passwords.js';
import { checked, newPassword } from '../graphql/input.js';
import { Session } from '../sessions/session.entity.js';
import { createAccount, refuseOwnEmail, userSubject } from '../users/account.js';
import { changeStanding, type StandingChange } from '../users/standing.js';
import { User, userId } from '../users/user.entity.js';
import { accountByEmail } from './account.js';
import { withDatabase } from './open.js';
import { choosePassword, passwordOption, tell } from './password.js';
import { moment, printJson, table } from './table.js';

/** `latchkey user ...`. */
export function addUserCommands(program: Command): void {
  const user = program
    .command('user')
    .description('Accounts: make them, list them, and say what they may.')
    .addHelpText('after', '\nExample:\n  latchkey user promote ada@example.com');

  user
    .command('create')
    .description('Make an account; without --password-stdin its password is generated and printed once.')
    .requiredOption('--email <email>', 'where the user is reached, and how they sign in')
    .requiredOption('--name <name>', 'what the user is called')
    .option('--admin', 'make the account an administrator', false)
    .option(...passwordOption)
    .addHelpText('after', '\nExample:\n  latchkey user create --admin --email ada@example.com --name Ada')
    .action(create);

  user
    .command('list')
    .description('Print all accounts, the oldest first.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  latchkey user list')
    .action(list);

  user
    .command('password')
    .description('Give an account another password and end its sessions; tokens go on.')
    .argument('<email>')
    .option(...passwordOption)
    .addHelpText('after', '\nExample:\n  latchkey user password ada@example.com')
    .action(changePassword);

  for (const change of changes) {
    user
      .command(change.name)
      .description(change.description)
      .argument('<email>')
      .addHelpText('after', `\nExample:\n  latchkey user ${change.name} ada@example.com`)
      .action((email: string) => apply(change, email));
  }
}

interface Change {
  readonly name: string;
  readonly description: string;
  /** What the account is afterwards. */
  readonly result: string;
  readonly standing: StandingChange;
}

const changes: readonly Change[] = [
  {
    name: 'promote',
    description: 'Make an account an administrator.',
    result: 'an administrator',
    standing: { administrator: true },
  },
  {
    name: 'demote',
    description: 'Make an administrator an ordinary user; tokens lose what only administrators may.',
    result: 'an ordinary user',
    standing: { administrator: false },
  },
  {
    name: 'disable',
    description: 'Lock an account: it cannot sign in, and its sessions and tokens are refused.',
    result: 'disabled',
    standing: { disabled: true },
  },
  {
    name: 'enable',
    description: 'Unlock an account; its tokens are good again.',
    result: 'enabled',
    standing: { disabled: false },
  },
];

async function create(options: { email: string; name: string; admin: boolean; passwordStdin?: true }): Promise<void> {
  const chosen = await choosePassword(options.passwordStdin ?? false);
  const user = await withDatabase(({ em }) =>
    createAccount(
      em,
      new Passwords(),
      { email: options.email, name: options.name, password: chosen.password, isAdministrator: options.admin },
      commandLine,
    ),
  );
  console.error(`${user.email} has an account${user.isAdministrator ? ' and is an administrator' : ''}.`);
  tell(chosen);
}

async function list({ json }: { json?: true }): Promise<void> {
  const users = await withDatabase(({ em }) => em.find(User, {}, { orderBy: { id: 'asc' } }));
  if (json) {
    printJson(
      users.map(({ id, email, name, isAdministrator, disabledAt, createdAt }) => ({
        id: userId.encode(id),
        email,
        name,
        isAdministrator,
        disabledAt: disabledAt ?? null,
        createdAt,
      })),
    );
    return;
  }
  console.log(
    table(
      ['E-MAIL', 'NAME', 'ROLE', 'DISABLED', 'CREATED'],
      users.map((user) => [
        user.email,
        user.name,
        user.isAdministrator ? 'administrator' : 'user',
        moment(user.disabledAt),
        moment(user.createdAt),
      ]),
    ),
  );
}

async function changePassword(email: string, { passwordStdin }: { passwordStdin?: true }): Promise<void> {
  const chosen = await choosePassword(passwordStdin ?? false);
  const { password } = checked(z.object({ password: newPassword }), chosen);
  await withDatabase(async ({ em }) => {
    const user = await accountByEmail(em, email);
    refuseOwnEmail(password, user.email, 'password');
    user.passwordHash = await new Passwords().hash(password);
    // A session never outlives a change of the password.
    const sessions = await em.transactional(async (unit) => {
      await unit.flush();
      const ended = await unit.nativeDelete(Session, { user: user.id });
      record(unit, commandLine, {
        action: 'user.password',
        subject: userSubject(user.id),
        changes: change('endedSessions', null, ended),
      });
      return ended;
    });
    console.error(`${user.email} has another password${ended(sessions)}.`);
  });
  tell(chosen);
}

async function apply({ result, standing }: Change, email: string): Promise<void> {
  await withDatabase(async ({ em }) => {
    const { id } = await accountByEmail(em, email);
    const { user, changed, endedSessions } = await changeStanding(em, id, standing, commandLine);
    if (!changed) {
      console.log(`${user.email} is ${result} already.`);
      return;
    }
    console.log(`${user.email} is ${result} now${ended(endedSessions)}.`);
    if ((await em.count(User, { isAdministrator: true, disabledAt: null })) === 0) {
      console.error('No administrator is left. To make one: npx latchkey user promote <email>');
    }
  });
}

function ended(sessions: number): string {
  if (sessions === 0) {
    return '';
  }
  return sessions === 1 ? ', and one session ended' : `, and ${sessions} sessions ended`;
}
