import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../database/sql.js';

/** What the administrators decided about the API for tokens, as of this request. */
export interface ApiState {
  readonly enabled: boolean;
  readonly defaultAbilities: readonly string[];
  /** Days; null when a token may live for ever. */
  readonly maximumTokenLifetimeDays: number | null;
}

/** The columns of {@link ApiState}, for statements that join `api_settings s`. */
export const apiStateColumns = `s.enabled as api_enabled,
  array_to_json(s.default_abilities)::text as default_abilities,
  s.maximum_token_lifetime_days`;

export interface ApiStateRow {
  api_enabled: boolean;
  default_abilities: string;
  maximum_token_lifetime_days: number | null;
}

export function toApiState(row: ApiStateRow): ApiState {
  return {
    enabled: row.api_enabled,
    defaultAbilities: JSON.parse(row.default_abilities) as string[],
    maximumTokenLifetimeDays: row.maximum_token_lifetime_days,
  };
}

/** For requests whose authentication did not read it along the way. */
export async function readApiState(em: EntityManager): Promise<ApiState> {
  const { rows } = await sql<ApiStateRow>(em, `select ${apiStateColumns} from api_settings s where s.id = 1`);
  const [row] = rows;
  if (row === undefined) {
    throw new Error('The row of api_settings is gone.');
  }
  return toApiState(row);
}

const dayMs = 86_400_000;

/** When a token ends: its own end, or the one that the settings of today allow, whichever comes first. */
export function effectiveExpiry(createdAt: Date, expiresAt: Date | null, state: ApiState): Date | null {
  if (state.maximumTokenLifetimeDays === null) {
    return expiresAt;
  }
  const cap = new Date(createdAt.getTime() + state.maximumTokenLifetimeDays * dayMs);
  return expiresAt === null || cap < expiresAt ? cap : expiresAt;
}
