import type { EntityClass, EntityMetadata, FilterQuery } from '@mikro-orm/core';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { alternatives } from './alternatives.js';
import { type Column, columnExpression, columnsOf, recordMaker, selectColumns } from './row.js';
import { sqlValues } from './sql.js';

/** The newest records first; `after` is the key of the record to start behind. */
export interface PageOfRows {
  readonly limit: number;
  readonly after: string | null;
}

/** The fields of the records that will be looked at, and those of the records that they point to. */
export interface Asked {
  readonly fields: ReadonlySet<string>;
  readonly related?: Readonly<Record<string, ReadonlySet<string>>>;
}

type Binding = { readonly leaf: number } | { readonly constant: unknown } | 'limit' | 'after';

interface Compiled {
  readonly text: string;
  /** Where each parameter comes from: a value of the condition, or a constant of its shape. */
  readonly bindings: readonly Binding[];
}

type Maker = (values: readonly unknown[]) => Record<string, unknown>;

/** A record that is read along: the property that points to it, the column of that, and the table it stands in. */
interface Joined {
  readonly property: string;
  readonly name: string;
  readonly table: string;
}

/** A text with a question mark for each parameter. */
interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** What is read of each record: the columns in their order, the joins, and how a record is made of the values. */
interface Selection {
  readonly key: string;
  readonly columns: readonly string[];
  readonly joined: readonly Joined[];
  /** One maker for one page, so that records that point to one and the same share it. */
  maker(): Maker;
}

/** Shapes beyond this start over; only conditions with numbers or dates of their own have so many. */
const compiledLimit = 500;
const limitMark = 1_234_567_891;
const afterMark = '\u0001after';
const leafMark = '\u0001leaf ';

/**
 * Reads rows of an entity as plain objects, without hydration and outside the identity map: for lists that are only read.
 * They hold the columns that were asked for; relations are read along where that was asked for, and `{ id }` where not.
 * Statements are compiled once for each shape of a condition and stay prepared; only the values differ.
 */
export class RowReader<Entity extends { id: string }> {
  private readonly compiled = new Map<string, Compiled>();
  private readonly selections = new Map<string, Selection>();
  private readonly metadata: EntityMetadata;
  private readonly columns: readonly Column[];

  constructor(
    private readonly em: EntityManager,
    private readonly entity: EntityClass<Entity>,
  ) {
    this.metadata = em.getMetadata(entity) as EntityMetadata;
    this.columns = columnsOf(this.metadata);
  }

  /** One page of the records that a condition lets through; keys and relations always come along. */
  async page(asked: Asked, where: FilterQuery<Entity>, page: PageOfRows): Promise<Entity[]> {
    const selection = this.#selection(asked);
    const leaves: string[] = [];
    const marked = mark(where, leaves);
    const key = `${selection.key} ${JSON.stringify(marked)} ${page.after !== null}`;
    let statement = this.compiled.get(key);
    if (statement === undefined) {
      statement = this.#compile(selection, marked, page.after !== null);
      remember(this.compiled, key, statement);
    }
    const values = statement.bindings.map((binding) => {
      if (binding === 'limit') {
        return page.limit;
      }
      if (binding === 'after') {
        return page.after;
      }
      return 'leaf' in binding ? leaves[binding.leaf] : binding.constant;
    });
    const make = selection.maker();
    return (await sqlValues(this.em, statement.text, values)).map((row) => make(row) as Entity);
  }

  /** The records with these keys, in any order, with every column that is not lazy. */
  async byKeys(keys: readonly string[]): Promise<Entity[]> {
    const selected = selectColumns(this.columns, null);
    const list = selected.map((column) => columnExpression(column, 'r')).map((each, at) => `${each} as "c${at}"`);
    const make = recordMaker(this.metadata.className, this.columns, selected);
    const rows = await sqlValues(
      this.em,
      `select ${list.join(', ')} from "${this.metadata.tableName}" as "r" where "r"."id" = any($1::uuid[])`,
      [keys],
    );
    return rows.map((row) => make(row, 0) as Entity);
  }

  #selection({ fields, related = {} }: Asked): Selection {
    const relations = Object.entries(related).filter(([property]) => fields.has(property));
    const key = JSON.stringify([[...fields], relations.map(([property, names]) => [property, [...names]])]);
    let selection = this.selections.get(key);
    if (selection === undefined) {
      selection = this.#select(fields, relations);
      remember(this.selections, key, selection);
    }
    return selection;
  }

  #select(fields: ReadonlySet<string>, relations: readonly [string, ReadonlySet<string>][]): Selection {
    const own = selectColumns(this.columns, fields);
    const expressions = own.map((column) => columnExpression(column, 'r'));
    const makeOwn = recordMaker(this.metadata.className, this.columns, own);
    const joins = relations.map(([property, names]) => {
      const { name, target } = this.columns.find((column) => column.property === property) ?? {};
      if (name === undefined || target == null) {
        throw new Error(`${this.metadata.className}.${property} points to no other record.`);
      }
      const columns = columnsOf(target);
      // Its key stands in the record that points to it.
      const selected = selectColumns(columns, names).filter((column) => !column.key);
      const from = expressions.length;
      expressions.push(...selected.map((column) => columnExpression(column, `j_${property}`)));
      return { property, name, table: target.tableName, from, make: recordMaker(target.className, columns, selected) };
    });
    return {
      key: expressions.join(),
      columns: expressions.map((each, at) => `${each} as "c${at}"`),
      joined: joins.map(({ property, name, table }) => ({ property, name, table })),
      maker: () => {
        const seen = new Map<unknown, Record<string, unknown>>();
        return (values) => {
          const record = makeOwn(values, 0);
          for (const { property, from, make } of joins) {
            const id = (record[property] as { id: string } | null)?.id;
            if (id !== undefined) {
              let other = seen.get(id);
              if (other === undefined) {
                other = make(values, from);
                other.id = id;
                seen.set(id, other);
              }
              record[property] = other;
            }
          }
          return record;
        };
      },
    };
  }

  #compile(selection: Selection, where: unknown, after: boolean): Compiled {
    const all = alternatives(where);
    const statement =
      all.length === 1 ? this.#newest(selection, where, after) : this.#newestOfAll(selection, all, after);
    const bindings: Binding[] = [];
    const rest = [...statement.parameters];
    const text = statement.text.replace(/\?/g, () => {
      const parameter = rest.shift();
      // Whether an index on some of the records will do, PostgreSQL judges by the text.
      return typeof parameter === 'boolean' ? String(parameter) : `$${bindings.push(bindingOf(parameter))}`;
    });
    return { text, bindings };
  }

  #newest({ columns, joined }: Pick<Selection, 'columns' | 'joined'>, where: unknown, after: boolean): Statement {
    const conditions = after ? [where, { id: { $lt: afterMark } }] : [where];
    // biome-ignore-start lint/suspicious/noExplicitAny: the query is built for an entity that is a type parameter here
    const query = this.em.createQueryBuilder(this.entity, 'r').select(columns.map((each) => raw(each)) as any);
    for (const { property } of joined) {
      query.leftJoin(`r.${property}` as any, `j_${property}`);
    }
    query
      .where({ $and: conditions } as any)
      .orderBy({ id: 'desc' } as any)
      .limit(limitMark);
    // biome-ignore-end lint/suspicious/noExplicitAny: see above
    return { text: query.getQuery(), parameters: query.getParams() };
  }

  /** The newest of the newest of each alternative; a record of two of them comes once. */
  #newestOfAll({ columns, joined }: Selection, wheres: readonly unknown[], after: boolean): Statement {
    const all = wheres.map((where) => this.#newest({ columns: ['"r".*'], joined: [] }, where, after));
    const joins = joined.map(
      ({ property, name, table }) => ` left join "${table}" as "j_${property}" on "r"."${name}" = "j_${property}"."id"`,
    );
    return {
      text: `select distinct on ("r"."id") ${columns.join(', ')} from (${all.map(({ text }) => `(${text})`).join(' union all ')}) as "r"${joins.join('')} order by "r"."id" desc limit ?`,
      parameters: [...all.flatMap(({ parameters }) => parameters), limitMark],
    };
  }
}

/** One reader for each entity, for as long as the server lives. */
export class RowReaders {
  private readonly readers = new Map<unknown, unknown>();

  constructor(private readonly em: EntityManager) {}

  of<Entity extends { id: string }>(entity: EntityClass<Entity>): RowReader<Entity> {
    let reader = this.readers.get(entity) as RowReader<Entity> | undefined;
    if (reader === undefined) {
      reader = new RowReader(this.em, entity);
      this.readers.set(entity, reader);
    }
    return reader;
  }
}

function remember<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  if (cache.size >= compiledLimit) {
    cache.clear();
  }
  cache.set(key, value);
}

function bindingOf(parameter: unknown): Binding {
  if (parameter === limitMark) {
    return 'limit';
  }
  if (parameter === afterMark) {
    return 'after';
  }
  const leaf = typeof parameter === 'string' ? parameter.split(leafMark)[1] : undefined;
  if (leaf === undefined && Array.isArray(parameter)) {
    throw new Error(`A condition with the list ${JSON.stringify(parameter)} cannot be compiled.`);
  }
  return leaf === undefined ? { constant: parameter } : { leaf: Number(leaf) };
}

/** The condition with a mark in the place of every text, which are written to `leaves`; the rest is its shape. */
function mark(condition: unknown, leaves: string[]): unknown {
  if (typeof condition === 'string') {
    return `${leafMark}${leaves.push(condition) - 1}`;
  }
  if (Array.isArray(condition)) {
    return condition.map((item) => mark(item, leaves));
  }
  if (condition !== null && typeof condition === 'object' && Object.getPrototypeOf(condition) === Object.prototype) {
    return Object.fromEntries(Object.entries(condition).map(([name, value]) => [name, mark(value, leaves)]));
  }
  return condition;
}
