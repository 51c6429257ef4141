import { readFileSync } from 'node:fs';

/** The actors of the table, by the groups in which a line gives their outcomes. */
export const actors = {
  session: ['guest', 'user', 'owner', 'administrator'],
  'user’s token': ['all', 'needs', 'none'],
  'owner’s token': ['all', 'needs', 'none'],
  'administrator’s token': ['all', 'needs', 'none'],
  narrowed: ['all', 'needs', 'none'],
  'API off': ['owner', 'administrator', 'token', 'narrowed'],
  dead: ['session of a disabled user', 'token of a disabled user', 'expired token'],
} as const satisfies Record<string, readonly string[]>;

/** One actor of the table, such as `owner’s token: needs`. */
export interface Column {
  readonly group: keyof typeof actors;
  readonly name: string;
}

/** Every actor, in the order in which a line gives their outcomes. */
export const columns: readonly Column[] = Object.entries(actors).flatMap(([group, names]) =>
  names.map((name) => ({ group: group as Column['group'], name })),
);

/** What a letter of the table stands for. */
export const letters = {
  '+': 'answered',
  '0': 'null or an empty list, without an error',
  U: 'UNAUTHENTICATED',
  A: 'INSUFFICIENT_ABILITIES',
  F: 'FORBIDDEN',
  S: 'SESSION_REQUIRED',
  D: 'API_DISABLED',
  N: 'NOT_FOUND',
} as const;

/** One line of the table: a coordinate, the way to it, what a token needs on that way, and a letter for each column. */
export interface Line {
  readonly coordinate: string;
  readonly way: string;
  readonly needs: readonly string[];
  readonly outcomes: string;
}

/** Writes letters in the groups of the table, so that a difference is read off at once. */
export function grouped(outcomes: readonly string[]): string {
  const rest = [...outcomes];
  return Object.values(actors)
    .map((names) => rest.splice(0, names.length).join(''))
    .join(' ');
}

/** Reads `outcomes.txt`; throws for a line that gives no outcome for some actor, or an unknown letter. */
export function readLines(): Line[] {
  return readFileSync(new URL('./outcomes.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [coordinate = '', way = '', needs = '', ...groups] = line.trim().split(/\s+/);
      const sizes = groups.map((group) => group.length).join();
      const expected = Object.values(actors)
        .map((names) => names.length)
        .join();
      if (sizes !== expected || ![...groups.join('')].every((letter) => letter in letters)) {
        throw new Error(`Not a line of outcomes: ${line}`);
      }
      return { coordinate, way, needs: needs === '-' ? [] : needs.split(','), outcomes: groups.join(' ') };
    });
}
