import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Field, ID, Info, InterfaceType, Query, Resolver } from 'type-graphql';
import { decideConcrete } from '../access/enforce.js';
import { Guard } from '../access/guard.js';
import type { AnyPolicy } from '../access/policy.js';
import { visibleRecord } from '../access/record.js';
import { open } from '../access/rules.js';
import { parsePublicId } from '../database/public-id.js';
import { badUserInput } from '../errors.js';
import type { Context } from './context.js';

/** A type whose records `node(id:)` finds. */
export interface NodeDefinition {
  /** The name of the GraphQL type. */
  readonly type: string;
  readonly policy: AnyPolicy;
}

/** The types with ids of their own, by the prefix of the id and by the class of the record. */
export class Nodes {
  readonly #byPrefix: ReadonlyMap<string, NodeDefinition>;
  readonly #byEntity: ReadonlyMap<unknown, NodeDefinition>;

  constructor(definitions: readonly NodeDefinition[]) {
    this.#byPrefix = new Map(definitions.map((definition) => [definition.policy.id.prefix, definition]));
    this.#byEntity = new Map(definitions.map((definition) => [definition.policy.entity, definition]));
    if (this.#byPrefix.size < definitions.length) {
      throw new Error('Two types share one id prefix.');
    }
  }

  withPrefix(prefix: string): NodeDefinition | undefined {
    return this.#byPrefix.get(prefix);
  }

  typeOf(record: object): string | undefined {
    return this.#byEntity.get(record.constructor)?.type;
  }
}

@InterfaceType('Node', {
  description: 'Everything that has an id of its own.',
  resolveType: (record: object, context: Context) => context.services.nodes.typeOf(record),
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Its id, unique in this server.' })
  id!: string;
}

@Resolver()
export class NodeResolver {
  /** The prefix of the id tells the type, so abilities are decided before anything is read. */
  @Guard(open('what it finds is decided by the rules of the type that it finds'))
  @Query(() => NodeType, { nullable: true, description: 'Whatever has this id, if you may see it.' })
  async node(
    @Arg('id', () => ID, { description: 'The id of any record.' }) id: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object> {
    const definition = context.services.nodes.withPrefix(parsePublicId(id)?.prefix ?? '');
    if (definition === undefined) {
      throw badUserInput({ id: ['must be an id of this server.'] });
    }
    await decideConcrete(context.services.access.planner, context, info, definition.type);
    return visibleRecord(context, definition.policy, id);
  }
}
