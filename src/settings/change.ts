import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Catalogue } from '../auth/abilities.js';
import { type AuditSource, change, record } from '../auth/audit.js';
import { checked } from '../graphql/input.js';
import { ApiSettings } from './api-settings.entity.js';

/** What may be changed; what is left out stays. A null `maximumTokenLifetimeDays` lifts the limit. */
export interface SettingsChange {
  enabled?: boolean | null;
  defaultAbilities?: string[] | null;
  maximumTokenLifetimeDays?: number | null;
}

/** Throws `BAD_USER_INPUT` for abilities that are in no catalogue and for limits below a day; nothing is written then. */
export async function changeSettings(
  em: EntityManager,
  catalogue: Catalogue,
  wanted: SettingsChange,
  by: AuditSource,
): Promise<ApiSettings> {
  const input = checked(
    z.object({
      enabled: z.boolean().nullish(),
      defaultAbilities: z
        .array(z.string())
        .max(200, 'must have at most 200 entries.')
        .pipe(
          z.array(
            z.string().refine((name) => catalogue.get(name) !== undefined, {
              error: ({ input: name }) => `${JSON.stringify(String(name).slice(0, 64))} is not an ability.`,
            }),
          ),
        )
        .transform((names) => [...new Set(names)])
        .nullish(),
      maximumTokenLifetimeDays: z
        .number()
        .min(1, 'must be at least 1 day.')
        .max(36_500, 'must be at most 36500 days.')
        .nullish(),
    }),
    wanted,
  );
  // Under a lock, so that what is told of the change is what it was.
  return em.fork().transactional(async (unit) => {
    const settings = await unit.findOneOrFail(ApiSettings, { id: 1 }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const before = { ...settings };
    settings.enabled = input.enabled ?? settings.enabled;
    settings.defaultAbilities = input.defaultAbilities ?? settings.defaultAbilities;
    if (input.maximumTokenLifetimeDays !== undefined) {
      settings.maximumTokenLifetimeDays = input.maximumTokenLifetimeDays;
    }
    const changes = [
      ...change('enabled', before.enabled, settings.enabled),
      ...change('defaultAbilities', before.defaultAbilities, settings.defaultAbilities),
      ...change('maximumTokenLifetimeDays', before.maximumTokenLifetimeDays, settings.maximumTokenLifetimeDays),
    ];
    if (changes.length > 0) {
      record(unit, by, { action: 'settings.update', subject: { type: 'SETTINGS', id: null, ownerId: null }, changes });
    }
    return settings;
  });
}
