import type { OperationDefinitionNode } from 'graphql';
import { valueFromASTUntyped } from 'graphql';
import { LatchkeyError, type Refusal } from '../errors.js';
import { alternatives, type LocatedDenial, refusal } from './denial.js';
import type { PlanEntry } from './plan.js';
import type { PrincipalRule, RuleContext } from './rules.js';
import { isOpen } from './selection.js';

/** Throws what {@link decide} refuses. */
export async function preflight(...plan: Parameters<typeof decide>): Promise<void> {
  const refused = await decide(...plan);
  if (refused !== null) {
    throw LatchkeyError.of(refused);
  }
}

/**
 * Decides a plan for the principal: each distinct rule once, all denials in one refusal; null when it may run. Variables
 * that are not booleans where a directive wants one leave their entries in, so a doubt never opens anything.
 */
export async function decide(
  plan: readonly PlanEntry[],
  context: RuleContext,
  variables: Readonly<Record<string, unknown>>,
): Promise<Refusal | null> {
  const places = placesOf(plan, context, variables);
  const denials: LocatedDenial[] = [];
  for (const [rule, coordinates] of places) {
    const decision = rule.check(context);
    const denial = decision instanceof Promise ? await decision : decision;
    if (denial !== null) {
      denials.push({ denial, coordinates });
    }
  }
  return denials.length === 0 ? null : refusal(denials, requiredFor(places), context.principal.credential);
}

type Places = ReadonlyMap<PrincipalRule, readonly string[]>;

const always = new WeakMap<readonly PlanEntry[], Places>();

/** Where each rule counts; kept for plans of which everything counts for everyone. */
function placesOf(
  plan: readonly PlanEntry[],
  context: RuleContext,
  variables: Readonly<Record<string, unknown>>,
): Places {
  let places = always.get(plan);
  if (places === undefined) {
    places = gather(counted(plan, context, variables));
    if (plan.every(({ gates }) => gates.every(({ kind }) => kind === 'type'))) {
      always.set(plan, places);
    }
  }
  return places;
}

function gather(entries: readonly PlanEntry[]): Places {
  const places = new Map<PrincipalRule, string[]>();
  for (const { coordinate, rules } of entries) {
    for (const rule of rules) {
      const coordinates = places.get(rule);
      if (coordinates === undefined) {
        places.set(rule, [coordinate]);
      } else {
        coordinates.push(coordinate);
      }
    }
  }
  return places;
}

const required = new WeakMap<Places, string[][]>();

/** The alternatives of abilities that satisfy all rules. */
function requiredFor(places: Places): string[][] {
  let sets = required.get(places);
  if (sets === undefined) {
    sets = alternatives([...places.keys()].flatMap((rule) => (rule.abilities === undefined ? [] : [rule.abilities])));
    required.set(places, sets);
  }
  return sets;
}

/** A request's variables with the operation's defaults filled in. */
export function withDefaults(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (operation.variableDefinitions === undefined || operation.variableDefinitions.length === 0) {
    return {};
  }
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...defaults, ...given]);
}

/** What of a plan counts for this principal and these variables. */
export function counted<Entry extends PlanEntry>(
  plan: readonly Entry[],
  context: RuleContext,
  variables: Readonly<Record<string, unknown>>,
): Entry[] {
  return plan.filter((entry) => counts(entry, context, variables));
}

function counts(entry: PlanEntry, { principal }: RuleContext, variables: Readonly<Record<string, unknown>>): boolean {
  return entry.gates.every((gate) => {
    if (gate.kind === 'type') {
      return true;
    }
    if (gate.kind === 'presence') {
      return gate.rule.holds(principal);
    }
    return isOpen(gate, variables);
  });
}
