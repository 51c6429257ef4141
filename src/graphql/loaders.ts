import type { EntityClass } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';

/** One batch of look-ups by key per entity and request, so that a list of fifty posts asks for its authors once. */
export class Loaders {
  readonly #byEntity = new Map<unknown, DataLoader<string, unknown>>();

  constructor(private readonly em: EntityManager) {}

  /** The record with that UUID, or null. */
  async load<Entity extends { id: string }>(entity: EntityClass<Entity>, id: string): Promise<Entity | null> {
    let loader = this.#byEntity.get(entity);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown>(async (ids) => {
        // biome-ignore lint/suspicious/noExplicitAny: the condition is built for an entity that is a type parameter here
        const records = (await this.em.find(entity, { id: { $in: [...ids] } } as any)) as Entity[];
        const byId = new Map(records.map((record) => [record.id, record]));
        return ids.map((each) => byId.get(each) ?? null);
      });
      this.#byEntity.set(entity, loader);
    }
    return (await loader.load(id)) as Entity | null;
  }
}
