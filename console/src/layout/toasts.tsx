import { Button, CloseButton, Text } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import classes from './toasts.module.css';

/** What was done, in a few words, and possibly a way back. */
export interface Toast {
  readonly text: string;
  readonly tone?: 'done' | 'failed';
  readonly action?: { readonly label: string; readonly run: () => void };
}

const ToastContext = createContext<(toast: Toast) => void>(() => {});

/** The way to show a toast. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

const plainMs = 5_000;
const withActionMs = 10_000;
const atOnce = 3;

/** Shows what was done for a few seconds, longer where it can be undone, and for as long as it has pointer or focus. */
export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([]);
  const count = useRef(0);
  const show = useCallback((toast: Toast) => {
    count.current += 1;
    const id = count.current;
    setToasts((all) => [...all, { ...toast, id }].slice(-atOnce));
  }, []);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((each) => each.id !== id)), []);

  return (
    <ToastContext value={show}>
      {children}
      <div className={classes.stack} role="status" aria-label="What was done">
        {toasts.map((toast) => (
          <Card key={toast.id} toast={toast} onEnd={() => drop(toast.id)} />
        ))}
      </div>
    </ToastContext>
  );
}

function Card({ toast, onEnd }: { readonly toast: Toast; readonly onEnd: () => void }) {
  const [held, setHeld] = useState(false);
  const end = useRef(onEnd);
  end.current = onEnd;
  const lastsMs = toast.action === undefined ? plainMs : withActionMs;
  useEffect(() => {
    if (!held) {
      const timer = setTimeout(() => end.current(), lastsMs);
      return () => clearTimeout(timer);
    }
  }, [held, lastsMs]);
  const { action } = toast;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while somebody is at it.
    <div
      className={classes.card}
      data-tone={toast.tone ?? 'done'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Text size="sm" className={classes.text}>
        {toast.text}
      </Text>
      {action !== undefined && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            action.run();
            onEnd();
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label="Dismiss" onClick={onEnd} />
    </div>
  );
}
