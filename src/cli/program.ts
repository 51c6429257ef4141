import { Command, CommanderError } from 'commander';
import { packageVersion } from '../telemetry/version.js';
import { addAccessCommand } from './access.js';
import { addDatabaseCommands } from './database.js';
import { sentenceOf } from './failure.js';
import { addServeCommand } from './serve.js';
import { addSettingsCommands } from './settings.js';
import { addTokenCommands } from './token.js';
import { addUserCommands } from './user.js';

/** Runs one command line, the words after `latchkey`; resolves to the exit code. */
export async function run(words: readonly string[]): Promise<number> {
  const program = new Command('latchkey')
    .description('A self-hosted GraphQL API server with accounts, sessions and personal access tokens.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('--help says more.')
    .addHelpText(
      'after',
      '\nThe environment variables of the server hold here too. While it runs on the embedded\ndatabase, commands work inside it.' +
        '\n\nExample:\n  latchkey token create --user ada@example.com --name backup --abilities post:read',
    );
  let exitCode = 0;
  addServeCommand(program, (code) => {
    exitCode = code;
  });
  addDatabaseCommands(program);
  addUserCommands(program);
  addTokenCommands(program);
  addSettingsCommands(program);
  addAccessCommand(program);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    console.error(sentenceOf(error));
    return 1;
  }
}
