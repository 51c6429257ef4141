/** A list as options take it: separated by commas, without blanks and empty entries. */
export function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
