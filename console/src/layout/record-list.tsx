import { Button, Skeleton, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { FailureNotice } from '../form/failure-notice.js';
import type { Reading } from '../graphql/read.js';
import type { Filters } from './filters.js';
import { useKeptFocus } from './kept-focus.js';
import { PageButtons, type Paging } from './paging.js';
import classes from './record-list.module.css';

interface Props<Node> {
  /** What the list holds, such as `Users`. */
  readonly label: string;
  readonly reading: Pick<Reading<unknown>, 'failure' | 'loading'>;
  /** Undefined until the first answer. */
  readonly page:
    | { readonly nodes: readonly Node[]; readonly pageInfo: { hasNextPage: boolean; endCursor: string | null } }
    | undefined;
  readonly paging: Paging;
  readonly filters: Filters;
  /** Said when nothing is there, whatever one looks for. */
  readonly empty: string;
  readonly row: (node: Node) => ReactNode;
}

/** A list that is filtered and read page by page. */
export function RecordList<Node extends { readonly id: string }>(props: Props<Node>) {
  const { label, reading, page, paging, filters, empty, row } = props;
  const { failure, loading } = reading;
  const kept = useKeptFocus<HTMLElement>(page);
  const isEmpty = page?.nodes.length === 0;
  return (
    <>
      {failure !== null && (
        <div className={classes.failure}>
          <FailureNotice failure={failure} />
        </div>
      )}
      <VisuallyHidden role="status">{page !== undefined && !loading && shown(page.nodes.length)}</VisuallyHidden>
      <section {...kept} className={classes.records} aria-label={label}>
        {isEmpty && !loading && (
          <div className={classes.empty}>
            <Text size="sm">{filters.spelled === '' ? empty : 'Nothing here is like that.'}</Text>
            {filters.spelled !== '' && (
              <Button variant="default" size="xs" onClick={filters.clear}>
                Show everything
              </Button>
            )}
          </div>
        )}
        <ul
          className={classes.list}
          aria-label={label}
          aria-busy={loading}
          hidden={(isEmpty && !loading) || (page === undefined && failure !== null)}
        >
          {page === undefined ? placeholders.map((key) => <Placeholder key={key} />) : page.nodes.map(row)}
        </ul>
      </section>
      <PageButtons paging={paging} page={page} loading={loading} />
    </>
  );
}

const placeholders = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const;

function Placeholder() {
  return (
    <li className={classes.row} aria-hidden="true">
      <div>
        <Skeleton height={14} width={140} my={4} />
        <Skeleton height={12} width={190} my={4} maw="100%" />
      </div>
    </li>
  );
}

function shown(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'} shown`;
}
