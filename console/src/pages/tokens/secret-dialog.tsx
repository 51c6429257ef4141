import { Button, Modal, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { CopyButton } from '../../layout/copy-button.js';
import { useHold } from '../../layout/held-address.js';
import classes from './secret-dialog.module.css';

interface Props {
  /** What the token is called. */
  readonly name: string;
  readonly secret: string;
  /** Called once the reader is done with it; the text is nowhere then. */
  readonly onDone: () => void;
}

/** Shows the text of a new token, which cannot be shown again, and does not go away by accident. */
export function SecretDialog({ name, secret, onDone }: Props) {
  const [copied, setCopied] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const example = curl(secret);
  useHold(!copied);
  const close = () => (copied ? onDone() : setLeaving(true));

  return (
    <Modal
      opened
      onClose={close}
      title={`“${name}” is created`}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={copied}
    >
      <Text size="sm">
        This is the only time that the token is shown. The server keeps no copy of it, so put it where your program
        finds it before you close this.
      </Text>
      <div className={classes.field} onCopy={() => setCopied(true)}>
        <TextInput
          label="Token"
          value={secret}
          readOnly
          spellCheck={false}
          autoComplete="off"
          onFocus={(event) => event.currentTarget.select()}
          classNames={{ input: classes.secret }}
          data-autofocus
        />
        <CopyButton text={secret} label="Copy the token" onCopied={() => setCopied(true)} />
      </div>
      <Text size="sm" fw={500} mt="lg" mb={4}>
        Try it
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard. */}
      <pre className={classes.example} tabIndex={0}>
        {example}
      </pre>
      <CopyButton
        text={example}
        label="Copy the command"
        variant="default"
        size="xs"
        onCopied={() => setCopied(true)}
      />
      <div className={classes.foot}>
        {leaving && !copied && (
          <>
            <Text size="sm" role="alert">
              You have not copied it yet. Once this is closed, nobody can show it again.
            </Text>
            <Button color="red" variant="outline" onClick={onDone}>
              Close without it
            </Button>
          </>
        )}
        {/* One button, so that it keeps the focus. */}
        <Button variant={copied ? 'filled' : 'default'} onClick={leaving && !copied ? () => setLeaving(false) : close}>
          {leaving && !copied ? 'Back' : 'Done'}
        </Button>
      </div>
    </Modal>
  );
}

/** A command that asks this very server who the token is and what it may do. */
function curl(secret: string): string {
  return [
    `curl ${window.location.origin}/graphql \\`,
    `  -H 'Authorization: Bearer ${secret}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"query": "{ viewer { kind abilities } }"}'`,
  ].join('\n');
}
