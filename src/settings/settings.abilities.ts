import type { AbilityDeclaration } from '../auth/abilities.js';

export const settingsAbilities = {
  'settings:read': {
    title: 'Read settings',
    description: 'See what administrators decided about the API.',
    adminOnly: true,
  },
  'settings:update': {
    title: 'Change settings',
    description: 'Switch the API on and off, and set its defaults and limits.',
    implies: ['settings:read'],
    adminOnly: true,
  },
} as const satisfies Record<string, AbilityDeclaration>;

declare module '../auth/abilities.js' {
  interface AbilityRegistry {
    settings: keyof typeof settingsAbilities;
  }
}
