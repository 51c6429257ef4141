import { defineEntity, p } from '@mikro-orm/core';

const ApiSettingsSchema = defineEntity({
  name: 'ApiSettings',
  tableName: 'api_settings',
  checks: [{ name: 'api_settings_one_row', expression: 'id = 1' }],
  properties: {
    /** Always 1: the table has one row, which the first migration writes. */
    id: p.smallint().primary().autoincrement(false),
    enabled: p.boolean().default(false),
    defaultAbilities: p.array().columnType('text[]'),
    maximumTokenLifetimeDays: p.integer().nullable(),
    updatedAt: p
      .datetime()
      .columnType('timestamptz')
      .onUpdate(() => new Date()),
  },
});

/** What administrators decide about the API for tokens. */
export class ApiSettings extends ApiSettingsSchema.class {}
ApiSettingsSchema.setClass(ApiSettings);
