import { useEffect, useState } from 'react';
import { type AllApiTokensQuery, RevokeApiTokenDocument } from '../../../../schema/documents.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { useToast } from '../../layout/toasts.js';
import type { Question } from './question.js';

/** A token of somebody. */
export type Token = AllApiTokensQuery['allApiTokens']['nodes'][number];

/** Revokes somebody's token once its name has been read. */
export function RevokeDialog({ question }: { readonly question: Question<Token> }) {
  const { opened, subject, close } = question;
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(RevokeApiTokenDocument, { touches: ['ApiToken', 'User'] });
  const toast = useToast();

  useEffect(() => {
    if (opened) {
      setFailure(null);
    }
  }, [opened]);

  const revoke = async ({ id, name, owner }: Token) => {
    const outcome = await run({ id });
    setFailure(outcome.failure);
    if (outcome.failure === null) {
      close();
      toast({ text: `“${name}” of ${owner.name} is revoked.` });
    }
  };

  return (
    <ConfirmDialog
      opened={opened}
      title={subject === null ? '' : `Revoke “${subject.name}” of ${subject.owner.name}?`}
      action="Revoke"
      danger
      busy={busy}
      failure={failure}
      onConfirm={() => subject !== null && void revoke(subject)}
      onClose={close}
    >
      Programs that use it are refused from their next request on. There is no way back; {subject?.owner.name} would
      have to make a new token.
    </ConfirmDialog>
  );
}
