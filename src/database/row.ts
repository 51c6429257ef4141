import type { EntityMetadata } from '@mikro-orm/core';
import { momentExpression, toMoment } from './moment.js';

/** A property of an entity that one column holds. */
export interface Column {
  readonly property: string;
  readonly name: string;
  readonly moment: boolean;
  /** The entity that the column points to. */
  readonly target: EntityMetadata | null;
  readonly lazy: boolean;
  readonly key: boolean;
  /** Keys of this record and of others: policies decide by them. */
  readonly always: boolean;
}

/** A record read without hydration. */
export class Row {}

/** Whether a related record was read along with the one that points to it; else only its key is known. */
export function isRow(record: object): boolean {
  return record instanceof Row;
}

/** The columns of an entity that hold one property each. */
export function columnsOf(metadata: EntityMetadata): Column[] {
  return Object.values(metadata.properties)
    .filter((property) => property.fieldNames?.length === 1)
    .map((property) => ({
      property: String(property.name),
      name: property.fieldNames[0] as string,
      moment: property.columnTypes?.[0]?.startsWith('timestamptz') ?? false,
      target: property.kind === 'scalar' ? null : (property.targetMeta ?? null),
      lazy: property.lazy ?? false,
      key: property.primary === true,
      always: property.primary === true || property.kind === 'm:1' || property.kind === '1:1',
    }));
}

/**
 * The columns for the fields that a document asks for. A field without a column of its own may look at anything, so all
 * columns but the lazy ones come along with it.
 */
export function selectColumns(columns: readonly Column[], fields: ReadonlySet<string> | null): Column[] {
  const names = new Set(columns.map(({ property }) => property));
  const everything = fields === null || [...fields].some((field) => !names.has(field) && field !== '__typename');
  return columns.filter(
    ({ property, always, lazy }) => always || (everything && !lazy) || (fields?.has(property) ?? false),
  );
}

/** What a statement selects for a column. */
export function columnExpression({ name, moment }: Column, alias: string): string {
  const column = `"${alias}"."${name}"`;
  return moment ? momentExpression(column) : column;
}

/**
 * Makes the records of one selection from lists of values. Properties that were not selected throw when they are read,
 * so that no policy takes their absence for a value.
 */
export function recordMaker(
  entity: string,
  columns: readonly Column[],
  selected: readonly Column[],
): (values: readonly unknown[], from: number) => Record<string, unknown> {
  class Selection extends Row {}
  for (const { property } of columns.filter((column) => !column.key && !selected.includes(column))) {
    Object.defineProperty(Selection.prototype, property, {
      get: () => {
        throw new Error(`${entity}.${property} was not read: name it among the fields of the list.`);
      },
    });
  }
  return (values, from) => {
    const record = new Selection() as Record<string, unknown>;
    for (let i = 0; i < selected.length; i += 1) {
      const { property, moment, target } = selected[i] as Column;
      const value = values[from + i];
      if (value === null) {
        record[property] = null;
      } else if (moment) {
        record[property] = toMoment(value as number);
      } else {
        record[property] = target === null ? value : { id: value };
      }
    }
    return record;
  };
}
