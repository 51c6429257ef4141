import type { AbilityDeclaration } from '../auth/abilities.js';

export const userAbilities = {
  'user:read': { title: 'Read users', description: 'See who has an account, by name.' },
} as const satisfies Record<string, AbilityDeclaration>;

declare module '../auth/abilities.js' {
  interface AbilityRegistry {
    users: keyof typeof userAbilities;
  }
}
