import type { Command } from 'commander';
import { commandLine } from '../auth/audit.js';
import { Passwords } from '../auth/passwords.js';
import { namingAdministrator } from '../process/administrator.js';
import { demoBanner } from '../process/banner.js';
import { seedDemo } from '../process/demo.js';
import { withDatabase } from './open.js';

/** `latchkey migrate` and `latchkey seed`. */
export function addDatabaseCommands(program: Command): void {
  program
    .command('migrate')
    .description('Bring the tables up to date; the server does so itself when it starts.')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://latchkey@db/latchkey latchkey migrate')
    .action(() =>
      withDatabase(async ({ migrations }) => {
        console.log(migrations.length === 0 ? 'The tables are up to date.' : `Migrated: ${migrations.join(', ')}.`);
      }),
    );

  program
    .command('seed')
    .description('Put demo content into an empty database: three accounts, one of them an administrator, and posts.')
    .addHelpText(
      'after',
      '\nThe administrator is that of ADMIN_EMAIL and ADMIN_PASSWORD, or a new one whose password is printed once.' +
        '\n\nExample:\n  latchkey seed',
    )
    .action(() =>
      withDatabase(async ({ config, em }) => {
        const demo = await namingAdministrator(config.administrator, () =>
          seedDemo(em, new Passwords(), config.administrator, new Date(), commandLine),
        );
        if (demo === null) {
          throw new Error('The database has accounts already; demo content is for an empty one.');
        }
        console.log(demoBanner(demo));
      }),
    );
}
