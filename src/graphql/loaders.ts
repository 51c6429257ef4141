import type { EntityClass, FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { alternatives } from '../database/alternatives.js';
import type { RowReaders } from '../database/rows.js';
import { sqlOnce } from '../database/sql.js';
import type { PageRequest } from './connection.js';

/** Reads something about many records in one statement. */
export type ReadFigures<Figure> = (em: EntityManager, ids: readonly string[]) => Promise<ReadonlyMap<string, Figure>>;

/** Look-ups that a request makes for every record of a list, each kind of them once for the whole list. */
export class Loaders {
  private readonly records = new Map<unknown, DataLoader<string, unknown>>();
  private readonly pages = new Map<string, DataLoader<string, unknown[]>>();
  private readonly figures = new Map<unknown, DataLoader<string, unknown>>();

  constructor(
    private readonly em: EntityManager,
    private readonly rows: RowReaders,
  ) {}

  /** Forgets what was read, before something is written that could change it. */
  clear(): void {
    this.records.clear();
    this.pages.clear();
    this.figures.clear();
  }

  /** The record with that UUID, or null. */
  async load<Entity extends { id: string }>(entity: EntityClass<Entity>, id: string): Promise<Entity | null> {
    let loader = this.records.get(entity);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown>(async (ids) => {
        const records = await this.rows.of(entity).byKeys(ids);
        const byId = new Map(records.map((record) => [record.id, record]));
        return ids.map((each) => byId.get(each) ?? null);
      });
      this.records.set(entity, loader);
    }
    return (await loader.load(id)) as Entity | null;
  }

  /** What `read` knows of the record with that UUID, or null; it is called once for all records of a list. */
  async figure<Figure>(read: ReadFigures<Figure>, id: string): Promise<Figure | null> {
    let loader = this.figures.get(read);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown>(async (ids) => {
        const figures = await read(this.em, ids);
        return ids.map((each) => figures.get(each) ?? null);
      });
      this.figures.set(read, loader);
    }
    return (await loader.load(id)) as Figure | null;
  }

  /**
   * The newest records that belong to one owner, one more than the page wants. All owners of a list are served by two
   * statements: the first finds the newest of each owner, of whom it reads no others, the second reads them.
   */
  async page<Entity extends { id: string }>(
    entity: EntityClass<Entity>,
    owner: keyof Entity & string,
    ownerId: string,
    where: FilterQuery<Entity>,
    page: PageRequest,
  ): Promise<Entity[]> {
    const key = JSON.stringify([entity.name, owner, where, page]);
    let loader = this.pages.get(key);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown[]>(async (owners) => {
        const ids = await this.#idsOfPages(entity, owner, owners, where, page);
        // By the condition once more: what is no longer let through is not read for having been so a moment ago.
        const records = ids.length === 0 ? [] : await this.#find(entity, { $and: [{ id: { $in: ids } }, where] });
        records.sort((a, b) => (a.id < b.id ? 1 : -1));
        const byOwner = Map.groupBy(records, (record) => (record[owner] as { id: string }).id);
        return owners.map((each) => byOwner.get(each) ?? []);
      });
      this.pages.set(key, loader);
    }
    return (await loader.load(ownerId)) as Entity[];
  }

  async #idsOfPages<Entity extends { id: string }>(
    entity: EntityClass<Entity>,
    owner: keyof Entity & string,
    owners: readonly string[],
    where: FilterQuery<Entity>,
    page: PageRequest,
  ): Promise<string[]> {
    const properties = this.em.getMetadata(entity).properties as Record<string, { fieldNames: string[] }>;
    const column = properties[owner]?.fieldNames[0];
    const after = page.after === null ? {} : { id: { $lt: page.after } };
    const newest = alternatives(where).map((each) =>
      // biome-ignore-start lint/suspicious/noExplicitAny: the query is built for an entity that is a type parameter here
      this.em
        .createQueryBuilder(entity, 'r')
        .select('r.id' as any)
        .where({ $and: [each, after] } as any)
        .andWhere(`r."${column}" = o.id`)
        .orderBy({ id: 'desc' } as any)
        .limit(page.first + 1)
        // biome-ignore-end lint/suspicious/noExplicitAny: see above
        .getFormattedQuery(),
    );
    const newestOfAll =
      newest.length === 1
        ? newest[0]
        : `${newest.map((each) => `(${each})`).join(' union ')} order by id desc limit ${page.first + 1}`;
    const { rows } = await sqlOnce<{ id: string }>(
      this.em,
      `select n.id from unnest($1::uuid[]) as o(id) cross join lateral (${newestOfAll}) n`,
      [owners],
    );
    return rows.map((row) => row.id);
  }

  async #find<Entity extends { id: string }>(entity: EntityClass<Entity>, where: object): Promise<Entity[]> {
    // biome-ignore lint/suspicious/noExplicitAny: the condition is built for an entity that is a type parameter here
    return (await this.em.find(entity, where as any)) as Entity[];
  }
}
