import { globSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { GraphQLError } from 'graphql';
import { type AccessNeeds, needsOf } from '../access/needs.js';
import { findOperations } from '../access/operations.js';
import type { Catalogue } from '../auth/abilities.js';
import { loadConfig } from '../config.js';
import { readingLimits } from '../graphql/limits.js';
import { modules } from '../registry.js';
import { guardedSchema } from '../schema.js';
import { names } from './names.js';
import { printJson, table } from './table.js';

interface PlanOptions {
  readonly granted?: string[];
  readonly coarse?: true;
  readonly json?: true;
}

/** `latchkey access plan`. */
export function addPlanCommand(access: Command): void {
  access
    .command('plan')
    .description('Print what the operations in files need; with --granted it fails when that is not enough.')
    .argument('<patterns...>', 'files with GraphQL, such as "src/**/*.graphql"')
    .option('--granted <names>', 'the abilities that the token has, separated by commas', names)
    .option('--coarse', 'name the coarse abilities (read) in place of the fine ones (post:read)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  latchkey access plan "schema/operations/**/*.graphql" --granted post:read,user:read',
    )
    // `access` has a --json of its own and takes it, wherever it stands on the line.
    .action((patterns: string[], _options, command: Command) => plan(patterns, command.optsWithGlobals()));
}

function plan(patterns: string[], { granted, coarse, json }: PlanOptions): void {
  const files = [...new Set(patterns.flatMap((pattern) => globSync(pattern)))].sort();
  if (files.length === 0) {
    throw new Error(`No file fits ${patterns.join(' ')}.`);
  }
  const { schema, tree, planner, catalogue } = guardedSchema(modules);
  for (const name of granted ?? []) {
    if (catalogue.get(name) === undefined) {
      throw new Error(`${JSON.stringify(name)} is not an ability.`);
    }
  }
  const sources = files.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  const found = findOperations(schema, sources, readingLimits(loadConfig().limits, tree));
  const broken = found.flatMap(({ file, errors }) => errors.map((error) => located(file, error)));
  if (broken.length > 0) {
    throw new Error(broken.join('\n'));
  }
  const report = found.map(({ file, operation, fragments }) => {
    const needs = needsOf(planner, operation, fragments, coarse ? catalogue : null);
    return {
      file,
      operation: operation.name?.value ?? `(${operation.operation})`,
      ...needs,
      missing: granted === undefined ? null : missing(needs, granted, catalogue),
    };
  });
  if (json) {
    printJson(report);
  } else {
    const rows = report.map((each) => [
      each.file,
      each.operation,
      inWords(each),
      ...(each.missing === null ? [] : [each.missing.join(', ') || '-']),
      each.createTokenPath ?? '-',
    ]);
    const headings = ['FILE', 'OPERATION', 'NEEDS', ...(granted === undefined ? [] : ['MISSING']), 'CREATE TOKEN'];
    console.log(table(headings, rows));
  }
  const short = report.filter((each) => each.missing !== null && each.missing.length > 0).length;
  if (short > 0) {
    throw new Error(`${short} of ${report.length} operations need more than --granted gives.`);
  }
}

/** What the nearest alternative lacks; a session where no token will do. */
function missing({ sets, firstParty }: AccessNeeds, granted: readonly string[], catalogue: Catalogue): string[] {
  if (firstParty) {
    return ['a session'];
  }
  const effective = catalogue.effective(granted, { isAdministrator: true });
  const lacks = sets.map((set) => set.filter((ability) => !effective.has(ability)));
  return lacks.sort((a, b) => a.length - b.length)[0] ?? [];
}

function inWords({ sets, firstParty, administrator }: AccessNeeds): string {
  if (firstParty) {
    return 'a session';
  }
  const abilities = sets.map((set) => set.join(', ')).join(' or ');
  return [abilities || 'nothing', ...(administrator ? ['an administrator'] : [])].join(', ');
}

function located(file: string, error: GraphQLError): string {
  const at = error.locations?.[0];
  return `${file}${at === undefined ? '' : `:${at.line}:${at.column}`}: ${error.message}`;
}
