import { useCallback, useState } from 'react';

/** What somebody is asked to confirm. It outlives its row, which may go while they think, and the closing of the dialog. */
export interface Question<Subject> {
  readonly opened: boolean;
  /** Null before the first. */
  readonly subject: Subject | null;
  readonly ask: (subject: Subject) => void;
  readonly close: () => void;
}

export function useQuestion<Subject>(): Question<Subject> {
  const [asked, setAsked] = useState<{ opened: boolean; subject: Subject | null }>({ opened: false, subject: null });
  const ask = useCallback((subject: Subject) => setAsked({ opened: true, subject }), []);
  const close = useCallback(() => setAsked(({ subject }) => ({ opened: false, subject })), []);
  return { ...asked, ask, close };
}
