import { Text, Title } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { useArrival } from './arrival.js';
import classes from './page.module.css';

interface Props {
  /** The heading, and the name of the browser's tab. */
  readonly title: string;
  /** A sentence below the heading. */
  readonly lead?: ReactNode;
  /** Buttons beside the heading. */
  readonly actions?: ReactNode;
  /** `narrow` for one form, `full` for an editor. */
  readonly width?: 'narrow' | 'normal' | 'full';
  readonly children: ReactNode;
}

/** What every page stands in. */
export function Page({ title, lead, actions, width = 'normal', children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(title, heading);
  return (
    <main id="main" tabIndex={-1} className={classes.page} data-width={width}>
      <header className={classes.head}>
        <div>
          <Title order={1} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {lead !== undefined && (
            <Text c="dimmed" mt={4}>
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}
