import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import classes from './ability-chips.module.css';

interface Props {
  /** What they are the abilities of, for screen readers. */
  readonly of: string;
  readonly names: readonly string[];
  /** How many are shown before the rest is asked for. */
  readonly atMost?: number;
}

/** Abilities as chips; a long list waits behind a button. */
export function AbilityChips({ of, names, atMost = 5 }: Props) {
  const [opened, setOpened] = useState(false);
  const shown = opened || names.length <= atMost ? names : names.slice(0, atMost);
  return (
    <ul className={classes.chips} aria-label={`Abilities of ${of}`}>
      {shown.map((name) => (
        <li key={name} className={classes.chip}>
          {name}
        </li>
      ))}
      {names.length > atMost && (
        <li>
          <UnstyledButton className={classes.more} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? 'Show fewer' : `${names.length - atMost} more`}
          </UnstyledButton>
        </li>
      )}
    </ul>
  );
}
