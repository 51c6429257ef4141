import type { EntityClass, EntityMetadata, FilterQuery } from '@mikro-orm/core';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { sql } from './sql.js';

/** The newest records first; `after` is the key of the record to start behind. */
export interface PageOfRows {
  readonly limit: number;
  readonly after: string | null;
}

interface Compiled {
  readonly text: string;
  /** Where each parameter comes from: a value of the condition, or a constant of its shape. */
  readonly bindings: readonly ({ leaf: number } | { constant: unknown } | 'limit' | 'after')[];
}

/** Shapes beyond this start over; only conditions with numbers or dates of their own have so many. */
const compiledLimit = 500;
const limitMark = 1_234_567_891;
const afterMark = '\u0001after';
const leafMark = '\u0001leaf ';

/**
 * Reads rows of an entity as plain objects, without hydration and outside the identity map: for lists that are only read.
 * They hold the columns that were asked for, and relations as `{ id }`.
 * Statements are compiled once for each shape of a condition and stay prepared; only the values differ.
 */
export class RowReader<Entity extends { id: string }> {
  private readonly compiled = new Map<string, Compiled>();
  private readonly columns: ReadonlyMap<string, Column>;

  constructor(
    private readonly em: EntityManager,
    private readonly entity: EntityClass<Entity>,
  ) {
    this.columns = columnsOf(em.getMetadata(entity) as EntityMetadata);
  }

  /** One page of the records that a condition lets through, with the properties named; key and relations always come along. */
  async page(properties: ReadonlySet<string>, where: FilterQuery<Entity>, page: PageOfRows): Promise<Entity[]> {
    const selected = this.#selected(properties);
    const leaves: string[] = [];
    const marked = mark(where, leaves);
    const key = JSON.stringify([selected, marked, page.after !== null]);
    let statement = this.compiled.get(key);
    if (statement === undefined) {
      statement = this.#compile(selected, marked, page.after !== null);
      if (this.compiled.size >= compiledLimit) {
        this.compiled.clear();
      }
      this.compiled.set(key, statement);
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
    const { rows } = await sql<Record<string, unknown>>(this.em, statement.text, values);
    return rows.map((row) => this.#toRecord(row, selected));
  }

  /** The records with these keys, in any order, with every column that is not lazy. */
  async byKeys(keys: readonly string[]): Promise<Entity[]> {
    const selected = this.#selected(null);
    const list = selected.map((property) => this.#expression(property, 'r')).join(', ');
    const table = this.em.getMetadata(this.entity).tableName;
    const { rows } = await sql<Record<string, unknown>>(
      this.em,
      `select ${list} from "${table}" as "r" where "r"."id" = any($1::uuid[])`,
      [keys],
    );
    return rows.map((row) => this.#toRecord(row, selected));
  }

  #selected(properties: ReadonlySet<string> | null): string[] {
    return [...this.columns]
      .filter(([name, column]) => column.always || (properties === null ? !column.lazy : properties.has(name)))
      .map(([name]) => name);
  }

  #compile(selected: readonly string[], where: unknown, after: boolean): Compiled {
    const conditions = after ? [where, { id: { $lt: afterMark } }] : [where];
    // biome-ignore-start lint/suspicious/noExplicitAny: the query is built for an entity that is a type parameter here
    const query = this.em
      .createQueryBuilder(this.entity, 'r')
      .select(selected.map((property) => raw(this.#expression(property, 'r'))) as any)
      .where({ $and: conditions } as any)
      .orderBy({ id: 'desc' } as any)
      .limit(limitMark);
    // biome-ignore-end lint/suspicious/noExplicitAny: see above
    let position = 0;
    return {
      text: query.getQuery().replace(/\?/g, () => `$${++position}`),
      bindings: query.getParams().map((parameter) => {
        if (parameter === limitMark) {
          return 'limit';
        }
        if (parameter === afterMark) {
          return 'after';
        }
        const leaf = typeof parameter === 'string' ? parameter.split(leafMark)[1] : undefined;
        if (leaf === undefined && Array.isArray(parameter)) {
          throw new Error(`The condition ${JSON.stringify(where)} cannot be compiled.`);
        }
        return leaf === undefined ? { constant: parameter } : { leaf: Number(leaf) };
      }),
    };
  }

  /** Moments travel as milliseconds, which are cheaper to read than their text. */
  #expression(property: string, alias: string): string {
    const column = this.columns.get(property);
    const name = `"${alias}"."${column?.name}"`;
    return column?.moment ? `(extract(epoch from ${name}) * 1000)::float8 as "${column.name}"` : name;
  }

  #toRecord(row: Record<string, unknown>, selected: readonly string[]): Entity {
    const record: Record<string, unknown> = {};
    for (const property of selected) {
      const column = this.columns.get(property) as Column;
      const value = row[column.name];
      if (value === null) {
        record[property] = null;
      } else if (column.moment) {
        record[property] = new Date(value as number);
      } else {
        record[property] = column.relation ? { id: value } : value;
      }
    }
    return record as Entity;
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

interface Column {
  readonly name: string;
  readonly moment: boolean;
  readonly relation: boolean;
  readonly lazy: boolean;
  /** Keys of this record and of others: policies decide by them. */
  readonly always: boolean;
}

function columnsOf(metadata: EntityMetadata): ReadonlyMap<string, Column> {
  return new Map(
    Object.values(metadata.properties)
      .filter((property) => property.fieldNames?.length === 1)
      .map((property) => [
        String(property.name),
        {
          name: property.fieldNames[0] as string,
          moment: property.columnTypes?.[0]?.startsWith('timestamptz') ?? false,
          relation: property.kind !== 'scalar',
          lazy: property.lazy ?? false,
          always: property.primary === true || property.kind === 'm:1' || property.kind === '1:1',
        },
      ]),
  );
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
