import { Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './section.module.css';

interface Props {
  readonly title: string;
  readonly description?: ReactNode;
  /** Marks what cannot be taken back. */
  readonly danger?: boolean;
  readonly children: ReactNode;
}

/** A part of a page of settings: what it is about on the left, what can be done on the right. */
export function Section({ title, description, danger = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div>
        <Title order={2} id={id}>
          {title}
        </Title>
        {description !== undefined && (
          <Text size="sm" c="dimmed" mt={4}>
            {description}
          </Text>
        )}
      </div>
      <div className={classes.card} data-danger={danger || undefined}>
        {children}
      </div>
    </section>
  );
}
