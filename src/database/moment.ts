/**
 * A moment as milliseconds since 1970, for statements that read rows without hydration. Cheaper to write and to read than
 * its text, and `date_part` takes a quarter of the time of `extract`, which calculates in decimal numbers.
 */
export function momentExpression(column: string): string {
  return `(date_part('epoch', ${column}) * 1000)`;
}

/** The date for such a number, cut to milliseconds; the database knows microseconds, and a float is off by less than one. */
export function toMoment(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds + 0.0005));
}
