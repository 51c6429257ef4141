import type { EntityClass, FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { Guard } from '../access/guard.js';
import { open } from '../access/rules.js';
import type { Asked, RowReader } from '../database/rows.js';
import { checked } from './input.js';

const decidedByList = open('a page holds only what its list has let through');

@Guard(decidedByList)
@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    description: 'Whether this page was asked for with a cursor, so that something stands before it.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first record of the page.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last record of the page; give it as `after` to go on.',
  })
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many records, 1 to 100.' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'Start after the record with this cursor.' })
  after?: string | null;
}

/** One page of a list. */
export interface Page<Node> {
  readonly nodes: Node[];
  readonly edges: { cursor: string; node: Node }[];
  readonly pageInfo: PageInfo;
}

/** The connection type of a GraphQL type, as https://relay.dev/graphql/connections.htm describes it, with `nodes` beside `edges`. */
export function connectionOf<Node extends object>(name: string, nodeType: () => ClassType<Node>) {
  @Guard(decidedByList)
  @ObjectType(`${name}Edge`, { description: `One ${name} of a page, with its cursor.` })
  class Edge {
    @Field(() => String, { description: 'Stands for this record in `after`.' })
    cursor!: string;

    @Field(() => nodeType(), { description: 'The record.' })
    node!: Node;
  }

  @Guard(decidedByList)
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} records.` })
  class Connection implements Page<Node> {
    @Field(() => [nodeType()], { description: 'The records of the page.' })
    readonly nodes!: Node[];

    @Field(() => [Edge], { description: 'The records of the page, each with its cursor.' })
    readonly edges!: Edge[];

    @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
    readonly pageInfo!: PageInfo;
  }
  return Connection;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const pageShape = z.object({
  first: z.number().min(1, 'must be at least 1.').max(100, 'must be at most 100.'),
  after: z
    .string()
    .max(48, 'must be a cursor of this list.')
    .transform((cursor) => Buffer.from(cursor, 'base64url').toString('latin1'))
    .refine((id) => uuid.test(id), 'must be a cursor of this list.')
    .nullish(),
});

/** What {@link PageArgs} say, checked: `after` is the UUID of the record to start behind. */
export interface PageRequest {
  readonly first: number;
  readonly after: string | null;
}

/** Throws `BAD_USER_INPUT` for a size outside 1 to 100 and for a cursor that is none. */
export function pageRequest(args: PageArgs): PageRequest {
  const { first, after } = checked(pageShape, args);
  return { first, after: after ?? null };
}

/**
 * One page by keyset, newest first: UUIDv7 keys sort by time, so the key alone is order and cursor. One record more than
 * asked for is read, to know whether there is a next page.
 */
export async function findPage<Entity extends { id: string }>(
  em: EntityManager,
  entity: EntityClass<Entity>,
  where: FilterQuery<Entity>,
  args: PageArgs,
): Promise<Page<Entity>> {
  const page = pageRequest(args);
  const conditions = page.after === null ? [where] : [where, { id: { $lt: page.after } }];
  // biome-ignore-start lint/suspicious/noExplicitAny: the condition is built for an entity that is a type parameter here
  const found = (await em.find(entity, { $and: conditions } as any, {
    orderBy: { id: 'desc' } as any,
    limit: page.first + 1,
  })) as Entity[];
  // biome-ignore-end lint/suspicious/noExplicitAny: see above
  return toPage(found, page);
}

/**
 * The same page as plain rows with only what the document asks for, related records in the same statement: for lists that
 * are read often.
 */
export async function readPage<Entity extends { id: string }>(
  reader: RowReader<Entity>,
  where: FilterQuery<Entity>,
  args: PageArgs,
  asked: Asked,
): Promise<Page<Entity>> {
  const page = pageRequest(args);
  return toPage(await reader.page(asked, where, { limit: page.first + 1, after: page.after }), page);
}

/** Cuts the record that was read beyond the page. */
export function toPage<Node extends { id: string }>(found: readonly Node[], page: PageRequest): Page<Node> {
  return new CutPage(found, page);
}

/** A page that writes its cursors when they are asked for. */
class CutPage<Node extends { id: string }> implements Page<Node> {
  readonly nodes: Node[];

  constructor(
    private readonly found: readonly Node[],
    private readonly page: PageRequest,
  ) {
    this.nodes = found.slice(0, page.first);
  }

  get edges(): { cursor: string; node: Node }[] {
    return this.nodes.map((node) => ({ cursor: cursorOf(node), node }));
  }

  get pageInfo(): PageInfo {
    const first = this.nodes[0];
    const last = this.nodes.at(-1);
    return {
      hasNextPage: this.found.length > this.page.first,
      hasPreviousPage: this.page.after !== null,
      startCursor: first === undefined ? null : cursorOf(first),
      endCursor: last === undefined ? null : cursorOf(last),
    };
  }
}

function cursorOf({ id }: { readonly id: string }): string {
  return Buffer.from(id, 'latin1').toString('base64url');
}
