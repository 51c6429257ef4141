import { isDatabaseUnavailable } from '../database/failure.js';

/** What to say where the system's own message would not tell what to do. */
const sentences: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'This machine has no such address: HOST must be one of its own, such as 127.0.0.1 or 0.0.0.0.',
  '28P01': 'PostgreSQL refuses the user or the password in DATABASE_URL.',
  '28000': 'PostgreSQL refuses the user or the password in DATABASE_URL.',
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
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const { syscall, port } = error as NodeJS.ErrnoException & { port?: number };
    if (syscall === 'listen' && port !== undefined) {
      return code === 'EACCES'
        ? `This user may not listen on port ${port}: choose another PORT, 1024 or higher.`
        : `Port ${port} is in use: stop what listens there, or choose another PORT.`;
    }
  }
  if (isDatabaseUnavailable(error)) {
    return `The database cannot be reached${code === '' ? '' : ` (${code})`}: check that it runs, and DATABASE_URL.`;
  }
  if (isFromDriver(error)) {
    return `The database refused a statement (${code}).`;
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
