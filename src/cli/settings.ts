import { type Command, InvalidArgumentError, Option } from 'commander';
import { commandLine } from '../auth/audit.js';
import { modules } from '../registry.js';
import { guardedSchema } from '../schema.js';
import { ApiSettings } from '../settings/api-settings.entity.js';
import { changeSettings, type SettingsChange } from '../settings/change.js';
import { names } from './names.js';
import { withDatabase } from './open.js';
import { printJson } from './table.js';

/** `latchkey settings get` and `latchkey settings set`. */
export function addSettingsCommands(program: Command): void {
  const settings = program
    .command('settings')
    .description('What administrators decide about the API for tokens.')
    .addHelpText('after', '\nExample:\n  latchkey settings set --enabled on');

  settings
    .command('get')
    .description('Print the settings.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  latchkey settings get')
    .action(({ json }: { json?: true }) =>
      withDatabase(async ({ em }) => print(await em.findOneOrFail(ApiSettings, { id: 1 }), json)),
    );

  settings
    .command('set')
    .description('Change settings, from the next request on; what is not named stays.')
    .addOption(new Option('--enabled <on|off>', 'whether tokens are accepted').argParser(onOrOff))
    .option('--default-abilities <names>', 'what a form ticks at first, separated by commas', names)
    .option('--maximum-token-lifetime-days <days>', 'days that a token may live, or none for no limit', days)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  latchkey settings set --enabled on --maximum-token-lifetime-days 90')
    .action(async ({ json, maximumTokenLifetimeDays: limit, ...rest }: SetOptions, command: Command) => {
      const change: SettingsChange = rest;
      if (limit !== undefined) {
        change.maximumTokenLifetimeDays = limit === 'none' ? null : limit;
      }
      if (Object.keys(change).length === 0) {
        command.error('error: nothing to change: name at least one setting');
      }
      await withDatabase(async ({ em }) =>
        print(await changeSettings(em, guardedSchema(modules).catalogue, change, commandLine), json),
      );
    });
}

interface SetOptions {
  readonly json?: true;
  readonly enabled?: boolean;
  readonly defaultAbilities?: string[];
  readonly maximumTokenLifetimeDays?: number | 'none';
}

function print(settings: ApiSettings, json: true | undefined): void {
  const { enabled, defaultAbilities, maximumTokenLifetimeDays, updatedAt } = settings;
  if (json) {
    printJson({ enabled, defaultAbilities, maximumTokenLifetimeDays, updatedAt });
    return;
  }
  console.log(`enabled                      ${enabled ? 'on' : 'off'}`);
  console.log(`default abilities            ${defaultAbilities.join(',') || 'none'}`);
  console.log(`maximum token lifetime days  ${maximumTokenLifetimeDays ?? 'none'}`);
}

function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') {
    throw new InvalidArgumentError('It is on or off.');
  }
  return text === 'on';
}

function days(text: string): number | 'none' {
  if (text === 'none') {
    return 'none';
  }
  if (!/^\d{1,6}$/.test(text)) {
    throw new InvalidArgumentError('It is a whole number of days, or none.');
  }
  return Number(text);
}
