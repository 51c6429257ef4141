import type { Command } from 'commander';

/** `latchkey serve`. */
export function addServeCommand(program: Command, exitWith: (code: number) => void): void {
  program
    .command('serve')
    .description('Start the server, and stop it on Ctrl-C or SIGTERM.')
    .addHelpText('after', '\nExample:\n  PORT=8080 latchkey serve')
    .action(async () => {
      const { serve } = await import('../main.js');
      exitWith(await serve());
    });
}
