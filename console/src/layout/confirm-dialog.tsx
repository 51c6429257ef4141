import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { FailureNotice } from '../form/failure-notice.js';
import type { Failure } from '../graphql/failure.js';

interface Props {
  readonly opened: boolean;
  /** A question that names what is meant. */
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly failure?: Failure | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done that has no way back. */
export function ConfirmDialog(props: Props) {
  const { opened, title, children, action, danger = false, busy, failure = null, onConfirm, onClose } = props;
  return (
    // What is under way cannot be called back, and its answer would close the next question.
    <Modal opened={opened} onClose={() => busy || onClose()} title={title} size="sm">
      <FocusCaught />
      <Stack gap="md">
        <Text size="sm">{children}</Text>
        <FailureNotice failure={failure} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={busy} data-autofocus>
            Cancel
          </Button>
          <Button color={danger ? 'red' : undefined} loading={busy} onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Longer than the dialog takes to give the focus back to what had it before. */
const givenBackMs = 20;

/** When the dialog is gone and what had the focus before has gone with what was done, the page gets it. */
function FocusCaught() {
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement === document.body) {
          document.getElementById('main')?.focus({ preventScroll: true });
        }
      }, givenBackMs);
    },
    [],
  );
  return null;
}
