/** How the end of a new token can be chosen: after so many days, at the end of a day of one's own, or never. */
export interface ExpiryChoice {
  /** Days as digits, `day` or `never`. */
  readonly kind: string;
  /** As a field for dates writes it, such as `2027-01-31`. */
  readonly day: string;
}

const dayMs = 86_400_000;
const presets = [7, 30, 90];
/** The clock of the browser may be ahead of the server's, which draws the line. */
const slackMs = 3_600_000;

/** The days on offer; what the settings allow at most is the last of them. */
export function dayPresets(maximumDays: number | null): readonly number[] {
  return maximumDays === null ? presets : [...presets.filter((days) => days < maximumDays), maximumDays];
}

export function usualExpiry(maximumDays: number | null, now: Date): ExpiryChoice {
  return { kind: String(maximumDays === null ? 30 : Math.min(30, maximumDays)), day: dayAfter(now, 30, maximumDays) };
}

/** The choice that an address asks for; null when it cannot be had. */
export function readExpiry(text: string, maximumDays: number | null, now: Date): ExpiryChoice | null {
  const usual = usualExpiry(maximumDays, now);
  if (text === 'never') {
    return maximumDays === null ? { ...usual, kind: 'never' } : null;
  }
  if (/^[1-9]\d{0,4}$/.test(text)) {
    const days = Number(text);
    if (maximumDays !== null && days > maximumDays) {
      return null;
    }
    return dayPresets(maximumDays).includes(days)
      ? { ...usual, kind: text }
      : { kind: 'day', day: dayAfter(now, days, maximumDays) };
  }
  const end = endOfDay(text);
  const latest = latestMoment(maximumDays, now);
  if (end === null || end <= now || (latest !== null && startOf(end) > latest)) {
    return null;
  }
  return { kind: 'day', day: text };
}

/** The moment that a choice means; null for never, undefined when the day is none. */
export function momentOf({ kind, day }: ExpiryChoice, maximumDays: number | null, now: Date): Date | null | undefined {
  if (kind === 'never') {
    return null;
  }
  const latest = latestMoment(maximumDays, now);
  const end = kind === 'day' ? endOfDay(day) : new Date(now.getTime() + Number(kind) * dayMs);
  if (end === null) {
    return undefined;
  }
  // On the last day that is allowed the token ends when the settings say; past it the server refuses.
  return latest !== null && end > latest && (kind !== 'day' || startOf(end) <= latest) ? latest : end;
}

/** The first and the last day that can be chosen. */
export function dayRange(maximumDays: number | null, now: Date): { min: string; max: string } {
  const latest = latestMoment(maximumDays, now);
  return { min: dayOf(now), max: latest === null ? '9998-12-31' : dayOf(latest) };
}

function latestMoment(maximumDays: number | null, now: Date): Date | null {
  return maximumDays === null ? null : new Date(now.getTime() + maximumDays * dayMs - slackMs);
}

function dayAfter(now: Date, days: number, maximumDays: number | null): string {
  const moment = new Date(now.getTime() + days * dayMs);
  const latest = latestMoment(maximumDays, now);
  return dayOf(latest !== null && latest < moment ? latest : moment);
}

/** The day of a moment where the reader is. */
function dayOf(moment: Date): string {
  const pad = (part: number, length: number) => String(part).padStart(length, '0');
  return `${pad(moment.getFullYear(), 4)}-${pad(moment.getMonth() + 1, 2)}-${pad(moment.getDate(), 2)}`;
}

function startOf(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

/** The last second of a day where the reader is; null when there is no such day. */
function endOfDay(day: string): Date | null {
  const end = new Date(`${day}T23:59:59`);
  return /^\d{4}-\d\d-\d\d$/.test(day) && dayOf(end) === day ? end : null;
}
