import type { Command } from 'commander';
import { modules } from '../registry.js';
import { guardedSchema } from '../schema.js';
import { addPlanCommand } from './access-plan.js';
import { printJson, table } from './table.js';

/** `latchkey access`. */
export function addAccessCommand(program: Command): void {
  const access = program
    .command('access')
    .description('Print every field of the schema with its rules, all of which must hold; needs no database.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  latchkey access | grep post:update')
    .action(({ json }: { json?: true }) => {
      const fields = [...guardedSchema(modules).tree.fields.values()].map(({ coordinate, rules }) => ({
        coordinate,
        rules: rules.map((rule) => rule.name),
      }));
      fields.sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
      if (json) {
        printJson(fields);
        return;
      }
      console.log(
        table(
          ['FIELD', 'RULES'],
          fields.map(({ coordinate, rules }) => [coordinate, rules.join(' & ')]),
        ),
      );
    });
  addPlanCommand(access);
}
