/** Characters that a terminal obeys, and those that turn the direction of the text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const commanding = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that someone else wrote, safe to print on a terminal. */
export function printable(text: string): string {
  return text.replace(commanding, '\ufffd');
}

/** Rows under their headings, in columns; the last column is not padded. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A moment as tables show it, to the minute in UTC, or a dash. */
export function moment(date: Date | null | undefined): string {
  return date == null ? '-' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Prints what scripts read. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
