import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

const hourMs = 3_600_000;
const unitMs: Readonly<Record<string, number>> = { h: hourMs, d: 24 * hourMs, w: 7 * 24 * hourMs };

const iso = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** When something ends: an ISO date or time, or how long from now, such as `30d`. */
export function parseExpiry(text: string, now = new Date()): Date {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) {
    return new Date(now.getTime() + Number(count) * (unitMs[unit] ?? 0));
  }
  if (!iso.safeParse(text).success) {
    throw new InvalidArgumentError(
      'It is a date such as 2030-01-31, a time with its zone, or a span such as 12h, 30d or 8w.',
    );
  }
  return new Date(text);
}
