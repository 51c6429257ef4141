import { Button } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { DeleteApiTokenDocument, type TokenRowFragment } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';

/** Deletes a token once its name has been read. */
export function DeleteToken({ token: { id, name } }: { readonly token: TokenRowFragment }) {
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(DeleteApiTokenDocument, { touches: ['ApiToken'] });
  const toast = useToast();
  const [, navigate] = useLocation();

  const remove = async () => {
    const outcome = await run({ id });
    setFailure(outcome.failure);
    if (outcome.failure === null) {
      navigate(addresses.tokens, { replace: true });
      toast({ text: `“${name}” is deleted.` });
    }
  };

  return (
    <Section
      title="Delete the token"
      description="Programs that use it are refused from their next request on. There is no way back."
      danger
    >
      <Button
        variant="outline"
        color="red"
        onClick={() => {
          setFailure(null);
          setAsking(true);
        }}
      >
        Delete the token…
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Delete “${name}”?`}
        action="Delete the token"
        danger
        busy={busy}
        failure={failure}
        onConfirm={remove}
        onClose={() => setAsking(false)}
      >
        Programs that use “{name}” are refused from their next request on. There is no way back; you would have to make
        a new token and put it where the old one was.
      </ConfirmDialog>
    </Section>
  );
}
