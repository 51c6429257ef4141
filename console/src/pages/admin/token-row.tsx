import { Badge, Button } from '@mantine/core';
import { useState } from 'react';
import { type AllApiTokensQuery, RevokeApiTokenDocument } from '../../../../schema/documents.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { AbilityChips } from '../../layout/ability-chips.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { useToast } from '../../layout/toasts.js';
import { End, isExpired, LastUse } from '../../layout/token-facts.js';
import { Moment } from '../../time/moment.js';
import classes from './record-list.module.css';

type Token = AllApiTokensQuery['allApiTokens']['nodes'][number];

/** Somebody's token, and the way to revoke it. */
export function TokenRow({ token }: { readonly token: Token }) {
  const { name, owner, abilities, createdAt, preview } = token;
  return (
    <li className={classes.row}>
      <div>
        <div className={classes.name}>
          {name}
          {isExpired(token) && (
            <Badge size="sm" variant="light" color="red" tt="none">
              Expired
            </Badge>
          )}
          {owner.disabledAt !== null && (
            <Badge size="sm" variant="light" color="red" tt="none">
              Owner disabled
            </Badge>
          )}
        </div>
        <div className={classes.below}>
          {owner.name}, {owner.email}
        </div>
        <div className={classes.preview}>{preview}</div>
        {abilities.length > 0 && (
          <div className={classes.chips}>
            <AbilityChips of={name} names={abilities} />
          </div>
        )}
      </div>
      <div className={classes.below}>
        <div>
          <LastUse token={token} />
        </div>
        <div>
          <End token={token} />
        </div>
        <div>
          Created <Moment at={createdAt} as="day" />
        </div>
        {abilities.length === 0 && <div>No abilities</div>}
      </div>
      <Revoke token={token} />
    </li>
  );
}

function Revoke({ token: { id, name, owner } }: { readonly token: Token }) {
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(RevokeApiTokenDocument, { touches: ['ApiToken', 'User'] });
  const toast = useToast();

  const revoke = async () => {
    const outcome = await run({ id });
    setFailure(outcome.failure);
    if (outcome.failure === null) {
      setAsking(false);
      toast({ text: `“${name}” of ${owner.name} is revoked.` });
    }
  };

  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Revoke ${name} of ${owner.name}`}
        onClick={() => {
          setFailure(null);
          setAsking(true);
        }}
      >
        Revoke…
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Revoke “${name}” of ${owner.name}?`}
        action="Revoke"
        danger
        busy={busy}
        failure={failure}
        onConfirm={revoke}
        onClose={() => setAsking(false)}
      >
        Programs that use it are refused from their next request on. There is no way back; {owner.name} would have to
        make a new token.
      </ConfirmDialog>
    </>
  );
}
