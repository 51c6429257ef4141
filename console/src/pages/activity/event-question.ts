import type { AuditEventsQueryVariables, AuditOutcome } from '../../../../schema/documents.js';
import type { Filters } from '../../layout/filters.js';
import { actionChoices } from './action-names.js';

export const outcomeChoices = [
  { value: '', label: 'Done or refused' },
  { value: 'DONE', label: 'Done' },
  { value: 'REFUSED', label: 'Refused' },
];

export const timeChoices = [
  { value: '', label: 'Any time' },
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
];

const dayMs = 86_400_000;

/** What the filters ask the server for; what an address spells wrong is as if it were not there. */
export function questionOf({ value }: Filters, now: number): Omit<AuditEventsQueryVariables, 'first'> {
  const chosen = (name: string, choices: readonly { value: string }[]) =>
    choices.find((each) => each.value === value(name))?.value || null;
  const days = chosen('days', timeChoices);
  const about = value('about').trim();
  return {
    action: chosen('action', actionChoices) as AuditEventsQueryVariables['action'],
    outcome: chosen('outcome', outcomeChoices) as AuditOutcome | null,
    since: days === null ? null : new Date(now - Number(days) * dayMs).toISOString(),
    ...(about.startsWith('user_') ? { user: about } : { subject: about === '' ? null : about }),
  };
}
