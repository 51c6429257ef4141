import { Button, Group } from '@mantine/core';
import { useEffect, useState } from 'react';

/** Which page of a list is looked at, and the way to its neighbours. */
export interface Paging {
  /** For the argument of the same name; null on the first page. */
  readonly after: string | null;
  /** Goes to the page after this cursor. */
  readonly next: (cursor: string) => void;
  /** Null on the first page. */
  readonly previous: (() => void) | null;
}

/** The way through a list page by page; it starts anew when `filters`, which spells what is looked for, changes. */
export function usePaging(filters: string): Paging {
  const [way, setWay] = useState<{ filters: string; cursors: readonly string[] }>({ filters, cursors: [] });
  const cursors = way.filters === filters ? way.cursors : [];
  return {
    after: cursors.at(-1) ?? null,
    next: (cursor) => setWay({ filters, cursors: [...cursors, cursor] }),
    previous: cursors.length === 0 ? null : () => setWay({ filters, cursors: cursors.slice(0, -1) }),
  };
}

interface Props {
  readonly paging: Paging;
  /** What the server said of the page; undefined until it has. */
  readonly page:
    | { readonly nodes: readonly unknown[]; readonly pageInfo: { hasNextPage: boolean; endCursor?: string | null } }
    | undefined;
  readonly loading: boolean;
}

/** The buttons to the neighbours of a page; nothing when there are none. */
export function PageButtons({ paging, page, loading }: Props) {
  const { next, previous } = paging;
  const isEmpty = !loading && page?.nodes.length === 0;
  useEffect(() => {
    // The last record of the last page was taken away.
    if (isEmpty) {
      previous?.();
    }
  });
  const endCursor = page?.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
  if (endCursor === null && previous === null) {
    return null;
  }
  const go = (move: () => void) => {
    move();
    window.scrollTo(0, 0);
  };
  return (
    <Group component="nav" aria-label="Pages of the list" justify="space-between" mt="md">
      <PageButton onPress={previous === null || loading ? null : () => go(previous)}>Previous</PageButton>
      <PageButton onPress={endCursor === null || loading ? null : () => go(() => next(endCursor))}>Next</PageButton>
    </Group>
  );
}

/** It keeps the focus while there is nowhere to go. */
function PageButton({ onPress, children }: { readonly onPress: (() => void) | null; readonly children: string }) {
  const off = onPress === null || undefined;
  return (
    <Button variant="default" size="xs" aria-disabled={off} data-disabled={off} onClick={() => onPress?.()}>
      {children}
    </Button>
  );
}
