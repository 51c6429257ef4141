import type { EntityClass, FilterQuery } from '@mikro-orm/core';
import type { Principal } from '../auth/principal.js';
import type { PublicId } from '../database/public-id.js';

/** One thing that a user may do with one record. */
export interface PolicyDecision<Record> {
  /** One sentence for people: who may. */
  readonly description: string;
  may(principal: Principal, record: Record): boolean;
}

/** What users may do with the records of one entity: pure, so it is tested without GraphQL or a database. */
export interface Policy<Entity extends object, Actions extends { [action: string]: PolicyDecision<Entity> }> {
  readonly name: string;
  readonly entity: EntityClass<Entity>;
  readonly id: PublicId;
  /** The condition under which the principal may see a record; lists are cut by it in the database. */
  scope(principal: Principal): FilterQuery<Entity>;
  readonly actions: Actions;
}

// biome-ignore lint/suspicious/noExplicitAny: a rule holds policies of every entity
export type AnyPolicy = Policy<any, { [action: string]: PolicyDecision<any> }>;

export type PolicyAction<P extends AnyPolicy> = Extract<keyof P['actions'], string>;

/**
 * Keeps the names of the actions, so that a typo in a guard does not compile. A scope that forgets to answer throws: to the
 * database no condition would be one that everything meets.
 */
export function definePolicy<Entity extends object, Actions extends { [action: string]: PolicyDecision<Entity> }>(
  policy: Policy<Entity, Actions>,
): Policy<Entity, Actions> {
  const scope = (principal: Principal): FilterQuery<Entity> => {
    const condition: unknown = policy.scope(principal);
    if (typeof condition !== 'object' || condition === null) {
      throw new Error(`The scope of the policy ${policy.name} says nothing.`);
    }
    return condition as FilterQuery<Entity>;
  };
  return { ...policy, scope };
}
