import type { AbilitiesQuery, FieldsQuery } from '../../../../schema/documents.js';

export type Ability = AbilitiesQuery['abilities'][number];

/** A field of the schema and what it asks of whoever selects it. */
export interface GuardedField {
  /** The schema coordinate, such as `Post.title`. */
  readonly coordinate: string;
  readonly description: string;
  /** Its rules in words; empty when it asks for nothing of its own. */
  readonly rules: string;
  /** The abilities that help to unlock it. */
  readonly abilities: readonly string[];
}

/** The sentences of rules stand at the end of a description, and begin like this. */
const rule = /^(?:Requires|Only|Null|Not) /;

/** Every field of every type, the roots first, from introspection and from what the abilities unlock. */
export function guardedFields(types: FieldsQuery['__schema']['types'], abilities: readonly Ability[]): GuardedField[] {
  return types
    .filter(({ name, kind }) => kind === 'OBJECT' && name !== null && !name.startsWith('__'))
    .toSorted((a, b) => rank(a.name) - rank(b.name) || String(a.name).localeCompare(String(b.name)))
    .flatMap(({ name: type, fields }) =>
      (fields ?? []).map(({ name, description }) => {
        const coordinate = `${type}.${name}`;
        return {
          coordinate,
          ...told(description ?? ''),
          abilities: abilities.filter(({ unlocks }) => unlocks.includes(coordinate)).map((ability) => ability.name),
        };
      }),
    );
}

function rank(type: string | null): number {
  const at = ['Query', 'Mutation'].indexOf(type ?? '');
  return at === -1 ? 2 : at;
}

/** Parts a description into what the field is and what it asks for. */
function told(text: string): Pick<GuardedField, 'description' | 'rules'> {
  const sentences = text.split(/(?<=[.!?]) (?=\p{Lu})/u);
  const last = sentences.findLastIndex((sentence) => !rule.test(sentence));
  return { description: sentences.slice(0, last + 1).join(' '), rules: sentences.slice(last + 1).join(' ') };
}

/** Whether any of the texts holds what is looked for, in any case. */
export function matches(wanted: string, ...texts: readonly string[]): boolean {
  return texts.some((text) => text.toLowerCase().includes(wanted.toLowerCase()));
}
