import type { AccessTree } from './tree.js';

/**
 * The access lock: one sorted line a coordinate with its rules in their stable spelling, so that a change of access
 * shows in a diff.
 */
export function accessLock(tree: AccessTree): string {
  const lines = [...tree.fields.values()].map(
    (field) => `${field.coordinate}: ${field.rules.map((rule) => rule.name).join(' & ')}`,
  );
  return `# Made by \`npm run generate\` from the guards; changes here are lost.\n${lines.sort().join('\n')}\n`;
}
