import { badUserInput, notFound } from '../errors.js';
import type { Policy, PolicyDecision } from './policy.js';
import type { RuleContext } from './rules.js';

/**
 * The record that an id names, if the principal may see it. A record that does not exist and one that is hidden give the
 * same `NOT_FOUND`; an ill-formed id gives `BAD_USER_INPUT` without a query.
 */
export async function visibleRecord<
  Entity extends object,
  Actions extends { [action: string]: PolicyDecision<Entity> },
>(
  context: Pick<RuleContext, 'em' | 'principal'>,
  policy: Policy<Entity, Actions>,
  id: string,
  argument = 'id',
): Promise<Entity> {
  const uuid = decodeId(policy, id, argument);
  const record = await context.em.findOne(policy.entity, {
    $and: [{ id: uuid }, policy.scope(context.principal)],
    // biome-ignore lint/suspicious/noExplicitAny: the condition is built for an entity that is a type parameter here
  } as any);
  if (record === null) {
    throw notFound();
  }
  return record as Entity;
}

/** The record that the field's guard has loaded and allowed, from the identity map. */
export async function guardedRecord<
  Entity extends object,
  Actions extends { [action: string]: PolicyDecision<Entity> },
>(context: Pick<RuleContext, 'em'>, policy: Policy<Entity, Actions>, id: string): Promise<Entity> {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const record = await context.em.findOne(policy.entity, { id: decodeId(policy, id, 'id') } as any);
  if (record === null) {
    throw notFound();
  }
  return record as Entity;
}

/** The UUID in a public id; throws `BAD_USER_INPUT` when it is none of this type. */
export function decodeId(policy: Pick<Policy<never, never>, 'id'>, id: string, argument: string): string {
  const uuid = policy.id.decode(id);
  if (uuid === null) {
    throw badUserInput({ [argument]: [`must be the id of a ${policy.id.prefix}.`] });
  }
  return uuid;
}
