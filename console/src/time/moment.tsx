import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { locale } from './locale.js';

const units = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });

interface Props {
  /** A moment as the server writes it. */
  readonly at: string;
  /** `ago` says how far it is from now, `day` says which day it is. */
  readonly as?: 'ago' | 'day';
}

/** A moment in a few words; the exact time shows on hover and focus, and is always in the markup. */
export function Moment({ at, as = 'ago' }: Props) {
  const now = useNow();
  const date = new Date(at);
  return (
    <Tooltip label={exact.format(date)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{as === 'ago' ? distance(date.getTime(), now) : day.format(date)}</time>
    </Tooltip>
  );
}

/** How far a moment is from another, both in milliseconds, in the largest unit that fits. */
function distance(then: number, now: number): string {
  const seconds = (then - now) / 1_000;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) {
      return relative.format(Math.trunc(seconds / length), unit);
    }
  }
  return seconds > 0 ? 'in a moment' : 'just now';
}

/** The time of now, to the half minute. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
