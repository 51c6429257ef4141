import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { addresses } from '../../addresses.js';
import classes from './abilities.module.css';

interface Props {
  readonly label: string;
  /** What they have to do with, for screen readers. */
  readonly of: string;
  /** Names of abilities or fields, each with the query under which this page shows it. */
  readonly links: readonly (readonly [name: string, query: string])[];
}

const atMost = 5;

/** Names that lead to their own entries; a long list waits behind a button. */
export function LinkList({ label, of, links }: Props) {
  const [opened, setOpened] = useState(false);
  const shown = opened ? links : links.slice(0, atMost);
  return (
    <div className={classes.links}>
      <span className={classes.label}>{label}</span>
      <ul aria-label={`${label}: ${of}`}>
        {shown.map(([name, query]) => (
          <li key={name}>
            <Link href={`${addresses.abilities}${query}`} className={classes.chip}>
              {name}
            </Link>
          </li>
        ))}
        {links.length > atMost && (
          <li>
            <UnstyledButton className={classes.more} aria-expanded={opened} onClick={() => setOpened(!opened)}>
              {opened ? 'Show fewer' : `${links.length - atMost} more`}
            </UnstyledButton>
          </li>
        )}
      </ul>
    </div>
  );
}
