import type { Module } from '../module.js';
import { ApiSettings } from './api-settings.entity.js';
import { ApiSettingsResolver } from './api-settings.resolver.js';
import { settingsAbilities } from './settings.abilities.js';

/** What administrators decide about the API for tokens: whether it is on, its defaults and its limits. */
export const settings: Module = {
  name: 'settings',
  entities: [ApiSettings],
  resolvers: [ApiSettingsResolver],
  abilities: settingsAbilities,
};
