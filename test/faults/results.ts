import { appendFileSync } from 'node:fs';

/** What one fault did; `report.js` prints it. */
export interface Result {
  readonly fault: string;
  /** How many requests came to which end. */
  readonly answers: Readonly<Record<string, number>>;
  /** The longest that any client waited. */
  readonly longestMs: number;
  /** From the service's being back to the first success; null where it never was away. */
  readonly firstSuccessMs: number | null;
  /** From there to the last refusal; null without any after it. */
  readonly lastRefusalMs: number | null;
  /** Writes that were answered with success. */
  readonly acknowledged: number;
  /** Of these, those that the database does not have. */
  readonly lost: number;
  /** Writes that were not. */
  readonly unknown: number;
  /** Of these, those that the database has all the same. */
  readonly written: number;
  /** What became of the instances. */
  readonly processes: string;
}

/** Keeps a result for the table at the end of the run. */
export function record(result: Result): void {
  const path = process.env.LATCHKEY_FAULTS_RESULTS;
  if (path !== undefined) {
    appendFileSync(path, `${JSON.stringify(result)}\n`);
  }
}
