import type { OperationDefinitionNode } from 'graphql';
import { valueFromASTUntyped } from 'graphql';
import { type LocatedDenial, refusal } from './denial.js';
import type { PlanEntry } from './plan.js';
import type { PrincipalRule, RuleContext } from './rules.js';

/**
 * Decides a plan for the principal: each distinct rule once, all denials in one error. Throws it, or returns nothing.
 * Variables that are not booleans where a directive wants one leave their entries in, so a doubt never opens anything.
 */
export async function preflight(
  plan: readonly PlanEntry[],
  context: RuleContext,
  variables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const places = placesOf(plan, context, variables);
  const denials: LocatedDenial[] = [];
  for (const [rule, coordinates] of places) {
    const decision = rule.check(context);
    const denial = decision instanceof Promise ? await decision : decision;
    if (denial !== null) {
      denials.push({ denial, coordinates });
    }
  }
  if (denials.length > 0) {
    const requirements = [...places.keys()].flatMap((rule) => (rule.abilities === undefined ? [] : [rule.abilities]));
    throw refusal(denials, requirements, context.principal.credential);
  }
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
    places = gather(plan.filter((entry) => counts(entry, context, variables)));
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

/** A request's variables with the operation's defaults filled in. */
export function withDefaults(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...defaults, ...given]);
}

function counts(entry: PlanEntry, { principal }: RuleContext, variables: Readonly<Record<string, unknown>>): boolean {
  return entry.gates.every((gate) => {
    if (gate.kind === 'type') {
      return true;
    }
    if (gate.kind === 'presence') {
      return gate.rule.holds(principal);
    }
    const value = variables[gate.name];
    return typeof value !== 'boolean' || value === gate.value;
  });
}
