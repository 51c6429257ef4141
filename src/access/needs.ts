import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { Catalogue } from '../auth/abilities.js';
import { createTokenPath } from './console-path.js';
import { alternatives } from './denial.js';
import type { PlanEntry, Planner } from './plan.js';
import { sentence } from './sentence.js';

/** What one coordinate of a document needs. */
export interface CoordinateNeeds {
  readonly coordinate: string;
  /** Its rules in words, one sentence each. */
  readonly rules: readonly string[];
  /** The abilities that it adds; with several, any one. */
  readonly abilities: readonly string[];
  /** Counts only when a field of an abstract type turns out to have this type; null when it always counts. */
  readonly onType: string | null;
}

/** What a document needs, known without data. */
export interface AccessNeeds {
  /** Alternatives; a token needs all abilities of any one of these sets. Empty when no token will do. */
  readonly sets: readonly (readonly string[])[];
  readonly coordinates: readonly CoordinateNeeds[];
  /** Only a first-party session may send it. */
  readonly firstParty: boolean;
  /** Only an administrator may send it. */
  readonly administrator: boolean;
  /** The decisions on records that remain for the run, in words. */
  readonly policies: readonly string[];
  /** The path of the console's form for a token with the smallest of the sets; null when no token will do. */
  readonly createTokenPath: string | null;
}

/**
 * Reads the needs of an operation off its plan. Variables of `@skip` and `@include` are unknown here, so both ways count;
 * so do all types of an abstract field of which something is selected, but those that no token reaches. The sets are
 * therefore never too small for an object of one of these types.
 */
export function needsOf(
  planner: Planner,
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  coarse: Catalogue | null = null,
): AccessNeeds {
  const entries = planner.everything(operation, fragments);
  const sessionTypes = new Set(entries.filter(wantsSession).flatMap((entry) => typeOf(entry) ?? []));
  const reachable = entries.filter((entry) => !sessionTypes.has(typeOf(entry) ?? ''));
  const firstParty = reachable.some(wantsSession);
  const required = reachable.flatMap((entry) =>
    entry.rules.flatMap((rule) => (rule.abilities ? [rule.abilities] : [])),
  );
  const wanted = coarse === null ? required : required.map((names) => names.map((name) => coarseOf(coarse, name)));
  const sets = firstParty ? [] : alternatives(wanted);
  const smallest = [...sets].sort((a, b) => a.length - b.length)[0];
  return {
    sets,
    coordinates: entries.map((entry) => ({
      coordinate: entry.coordinate,
      rules: [...entry.rules, ...entry.recordRules].map((rule) => sentence([rule]) || rule.description),
      abilities: [...new Set(entry.rules.flatMap((rule) => rule.abilities ?? []))],
      onType: typeOf(entry),
    })),
    firstParty,
    administrator: reachable.some((entry) => entry.rules.some((rule) => rule.administrator)),
    policies: [
      ...new Set(
        entries.flatMap((entry) =>
          entry.recordRules.map((rule) => `${rule.policy.name}.${rule.action}: ${rule.description}`),
        ),
      ),
    ].sort(),
    createTokenPath:
      smallest === undefined ? null : createTokenPath(operation.name?.value ?? operation.operation, smallest),
  };
}

function wantsSession(entry: PlanEntry): boolean {
  return entry.rules.some((rule) => rule.credential === 'SESSION');
}

function typeOf(entry: PlanEntry): string | null {
  return entry.gates.findLast((gate) => gate.kind === 'type')?.name ?? null;
}

/** The coarse ability that brings a fine one with it, where there is one. */
function coarseOf(catalogue: Catalogue, ability: string): string {
  return (
    catalogue.entries.find((entry) => !entry.name.includes(':') && entry.implies.includes(ability))?.name ?? ability
  );
}
