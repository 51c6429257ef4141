import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Filters } from '../../layout/filters.js';
import classes from '../../layout/record-list.module.css';
import { actionChoices } from './action-names.js';
import { outcomeChoices, timeChoices } from './event-question.js';

interface Props {
  readonly filters: Filters;
  /** Stands before the choices. */
  readonly children?: ReactNode;
}

/** What a list of events is narrowed by. */
export function EventFilters({ filters: { value, set }, children }: Props) {
  const choices = [
    { name: 'action', label: 'What', data: actionChoices },
    { name: 'outcome', label: 'Outcome', data: outcomeChoices },
    { name: 'days', label: 'When', data: timeChoices },
  ];
  return (
    <div className={classes.filters}>
      {children}
      {choices.map(({ name, label, data }) => (
        <NativeSelect
          key={name}
          aria-label={label}
          data={data}
          value={value(name)}
          onChange={(event) => set(name, event.currentTarget.value)}
        />
      ))}
    </div>
  );
}
