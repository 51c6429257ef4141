import { Badge, Button, Skeleton, Text } from '@mantine/core';
import { useState } from 'react';
import {
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionsDocument,
  type SessionsQuery,
} from '../../../../schema/documents.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { useRead } from '../../graphql/read.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { useKeptFocus } from '../../layout/kept-focus.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';
import { Moment } from '../../time/moment.js';
import { browserName } from './browser-name.js';
import classes from './sessions.module.css';

type Session = SessionsQuery['sessions'][number];

/** The browsers that are signed in, this one first. */
export function Sessions() {
  const { data, failure } = useRead(SessionsDocument, {}, { types: ['Session'] });
  const sessions = data?.sessions.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
  const kept = useKeptFocus<HTMLUListElement>(data);
  return (
    <Section
      title="Browsers"
      description="Where you are signed in. End a session that you do not recognise, then change your password."
    >
      {sessions === undefined && failure !== null && <FailureNotice failure={failure} />}
      <ul
        {...kept}
        className={classes.list}
        aria-label="Browsers"
        aria-busy={sessions === undefined && failure === null}
      >
        {sessions === undefined && failure === null && <Placeholder />}
        {sessions?.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
      {sessions !== undefined && sessions.length > 1 && <EndOthers count={sessions.length - 1} />}
    </Section>
  );
}

function Row({ session }: { readonly session: Session }) {
  const { run, busy } = useChange(RevokeSessionDocument, { touches: ['Session'] });
  const toast = useToast();
  const name = browserName(session.userAgent);
  const end = async () => {
    const { failure } = await run({ id: session.id });
    toast(failure === null ? { text: `${name} is signed out.` } : { text: failure.sentence, tone: 'failed' });
  };
  return (
    <li className={classes.row}>
      <div>
        <Text size="sm" fw={500} className={classes.name}>
          {name}
          {session.isCurrent && (
            <Badge size="sm" variant="light" tt="none">
              This browser
            </Badge>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {session.ip ?? 'Unknown address'} · {session.isCurrent ? 'signed in' : 'last active'}{' '}
          <Moment at={session.isCurrent ? session.createdAt : session.lastActiveAt} />
        </Text>
      </div>
      {!session.isCurrent && (
        <Button variant="default" size="xs" loading={busy} onClick={end} aria-label={`Sign out ${name}`}>
          Sign out
        </Button>
      )}
    </li>
  );
}

function EndOthers({ count }: { readonly count: number }) {
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(RevokeOtherSessionsDocument, { touches: ['Session'] });
  const toast = useToast();
  const end = async () => {
    const outcome = await run({});
    setFailure(outcome.failure);
    if (outcome.failure === null) {
      setAsking(false);
      toast({ text: 'All your other browsers are signed out.' });
    }
  };
  return (
    <div className={classes.foot}>
      <Button variant="default" size="xs" onClick={() => setAsking(true)}>
        Sign out all other browsers
      </Button>
      <ConfirmDialog
        opened={asking}
        title={count === 1 ? 'Sign out the other browser?' : `Sign out the ${count} other browsers?`}
        action="Sign out"
        busy={busy}
        failure={failure}
        onConfirm={end}
        onClose={() => setAsking(false)}
      >
        What is typed there and not yet sent may be lost. This browser stays signed in.
      </ConfirmDialog>
    </div>
  );
}

function Placeholder() {
  return (
    <li className={classes.row}>
      <div>
        <Skeleton height={14} width={150} my={4} />
        <Skeleton height={12} width={210} my={4} />
      </div>
    </li>
  );
}
