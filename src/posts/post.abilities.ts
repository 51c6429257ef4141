import type { AbilityDeclaration } from '../auth/abilities.js';

export const postAbilities = {
  'post:create': { title: 'Write posts', description: 'Write new posts in your name.' },
  'post:read': { title: 'Read posts', description: 'Read published posts and your own drafts.' },
  'post:update': { title: 'Change posts', description: 'Change and publish your posts.' },
  'post:delete': { title: 'Delete posts', description: 'Delete your posts.' },
} as const satisfies Record<string, AbilityDeclaration>;

declare module '../auth/abilities.js' {
  interface AbilityRegistry {
    posts: keyof typeof postAbilities;
  }
}
