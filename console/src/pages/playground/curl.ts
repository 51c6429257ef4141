import type { Operation } from './send.js';

/** A command for a POSIX shell that sends the operation with the token in the variable `LATCHKEY_TOKEN`. */
export function curlCommand(origin: string, operation: Operation): string {
  return [
    `curl ${quoted(`${origin}/graphql`)}`,
    `-H 'Content-Type: application/json'`,
    `-H "Authorization: Bearer $LATCHKEY_TOKEN"`,
    `--data-raw ${quoted(JSON.stringify(operation))}`,
  ].join(' \\\n  ');
}

/** Between single quotes a shell leaves everything as it is, so only they themselves are put outside. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
