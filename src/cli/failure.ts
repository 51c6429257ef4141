import { isDatabaseUnavailable } from '../database/failure.js';

const credentialsRefused = 'PostgreSQL refuses the user or the password in DATABASE_URL.';

/** What to say to answers of PostgreSQL that come from the configuration, by their code. */
const sentences: Readonly<Record<string, string>> = {
  '28P01': credentialsRefused,
  '28000': credentialsRefused,
  '3D000': 'PostgreSQL has no database of the name in DATABASE_URL: make it first.',
  '42501': 'PostgreSQL does not let the user of DATABASE_URL do this: it must own its schema.',
};

/** What a person at a terminal is told about an error: no stack, no statement and no secret. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'Something was thrown that is no error.';
  }
  const code = codeOf(error);
  const sentence = sentences[code];
  if (sentence !== undefined) {
    return sentence;
  }
  if (isDatabaseUnavailable(error)) {
    return `The database cannot be reached${code === '' ? '' : ` (${code})`}: check that it runs, and DATABASE_URL.`;
  }
  if (isFromDriver(error)) {
    return `The database refused a statement (${code}).`;
  }
  if ('syscall' in error && 'path' in error) {
    return `DATA_DIR cannot be used: ${error.message}.`;
  }
  if (error.message.startsWith('PGlite failed')) {
    return 'The embedded database in DATA_DIR cannot be opened: it is damaged, or was made by another version.';
  }
  return error.message;
}

/** The first code in a chain of causes. */
function codeOf(error: Error): string {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if ('code' in current && current.code !== undefined) {
      return String(current.code);
    }
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return '';
}

/** Messages of the driver hold whole statements with their values. */
function isFromDriver(error: Error): boolean {
  return 'sqlMessage' in error || 'severity' in error || error.constructor.name.endsWith('Exception');
}
