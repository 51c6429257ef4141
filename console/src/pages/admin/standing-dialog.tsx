import { useEffect, useState } from 'react';
import { UpdateUserDocument, type UserRowFragment as User } from '../../../../schema/documents.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { useToast } from '../../layout/toasts.js';
import type { Question } from './question.js';
import { opposite, type Standing, standings } from './standing.js';

/** Somebody, and what is to be made of them. */
export interface StandingChange {
  readonly user: User;
  readonly standing: Standing;
}

/** Says what a change of standing does, and does it. */
export function StandingDialog({ question }: { readonly question: Question<StandingChange> }) {
  const { opened, subject, close } = question;
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(UpdateUserDocument, { touches: ['User', 'ApiToken'] });
  const toast = useToast();

  useEffect(() => {
    if (opened) {
      setFailure(null);
    }
  }, [opened]);

  const confirm = async ({ user, standing }: StandingChange) => {
    const { variables, done } = standings[standing];
    const { failure } = await run({ id: user.id, ...variables });
    setFailure(failure);
    if (failure === null) {
      close();
      toast({ text: done(user.name), action: { label: 'Undo', run: () => void undo(user, opposite[standing]) } });
    }
  };

  const undo = async (user: User, standing: Standing) => {
    const { variables, done } = standings[standing];
    const { failure } = await run({ id: user.id, ...variables });
    toast(failure === null ? { text: done(user.name) } : { text: failure.sentence, tone: 'failed' });
  };

  const { title, consequence, action, isDanger } = standings[subject?.standing ?? 'disabled'];
  return (
    <ConfirmDialog
      opened={opened}
      title={subject === null ? '' : title(subject.user.name)}
      action={action}
      danger={isDanger}
      busy={busy}
      failure={failure}
      onConfirm={() => subject !== null && void confirm(subject)}
      onClose={close}
    >
      {subject === null ? '' : consequence(subject.user)}
    </ConfirmDialog>
  );
}
