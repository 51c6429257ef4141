import { type FocusEvent, useEffect, useRef } from 'react';

/** For a list whose rows can be taken away: when the row with the focus goes, the list itself gets it. */
export function useKeptFocus<Element extends HTMLElement>(rows: unknown) {
  const ref = useRef<Element>(null);
  const isWithin = useRef(false);

  useEffect(() => {
    if (rows !== undefined && isWithin.current && document.activeElement === document.body) {
      ref.current?.focus({ preventScroll: true });
    }
  }, [rows]);

  return {
    ref,
    tabIndex: -1,
    onFocus: () => {
      isWithin.current = true;
    },
    // What is taken away loses the focus to nothing.
    onBlur: ({ relatedTarget }: FocusEvent) => {
      isWithin.current = relatedTarget === null;
    },
  } as const;
}
