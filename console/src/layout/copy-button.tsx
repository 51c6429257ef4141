import { Button, type ButtonProps, Text, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

interface Props extends ButtonProps {
  /** What is copied. */
  readonly text: string;
  /** What the button says until then. */
  readonly label: string;
  readonly onCopied?: () => void;
}

const shownMs = 3_000;

/** Puts a text on the clipboard and says whether it is there. */
export function CopyButton({ text, label, onCopied, ...props }: Props) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (state !== 'ready') {
      const timer = setTimeout(() => setState('ready'), shownMs);
      return () => clearTimeout(timer);
    }
  }, [state]);

  const copy = async () => {
    const done = await copied(text, button.current);
    setState(done ? 'copied' : 'failed');
    if (done) {
      onCopied?.();
    }
  };

  return (
    <>
      <Button {...props} ref={button} onClick={copy}>
        {state === 'copied' ? 'Copied' : label}
      </Button>
      <VisuallyHidden role="status">{state === 'copied' && 'Copied.'}</VisuallyHidden>
      {state === 'failed' && (
        <Text size="xs" c="red" role="alert">
          The browser does not let the page copy. Select the text and copy it yourself.
        </Text>
      )}
    </>
  );
}

async function copied(text: string, beside: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text, beside);
  }
}

/** Without TLS browsers offer no clipboard, only this; the field stands within the dialog that holds the focus. */
function copiedBySelection(text: string, beside: HTMLElement | null): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  beside?.after(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  beside?.focus();
  return done;
}
