/** What may be told of a statement: its text without values, and what it does to what. */
export interface StatementFacts {
  readonly text: string;
  readonly operation: string;
  readonly table: string | null;
}

const longest = 2_000;

/** Takes every literal out of a statement; those that are put together may hold what a client has sent. */
export function statementFacts(statement: string): StatementFacts {
  const text = statement
    .replace(/(?<![\w"])E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'/gi, '?')
    .replace(/(?<![\w$"])\d+(?:\.\d+)?\b/g, '?')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longest);
  const [, table = null] = /\b(?:from|into|update) +(?:only +)?"?(\w+)/i.exec(text) ?? [];
  return { text, operation: (/^\w+/.exec(text)?.[0] ?? 'OTHER').toUpperCase(), table };
}
