import { Anchor, Badge, Button, Menu, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { UpdateUserDocument, type UserRowFragment as User } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useUser } from '../../auth/viewer.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { ChevronIcon } from '../../layout/icons.js';
import { useToast } from '../../layout/toasts.js';
import { Moment } from '../../time/moment.js';
import { counted } from './counted.js';
import classes from './record-list.module.css';
import { opposite, type Standing, standings } from './standing.js';

/** A user, and what can be made of them. */
export function UserRow({ user }: { readonly user: User }) {
  const isOwn = user.id === useUser().id;
  return (
    <li className={classes.row}>
      <div>
        <div className={classes.name}>
          {user.name}
          {isOwn && (
            <Badge size="sm" variant="default" tt="none">
              You
            </Badge>
          )}
          {user.administrator && (
            <Badge size="sm" variant="light" tt="none">
              Administrator
            </Badge>
          )}
          {user.disabledAt !== null && (
            <Badge size="sm" variant="light" color="red" tt="none">
              Disabled
            </Badge>
          )}
        </div>
        <div className={classes.below}>{user.email}</div>
      </div>
      <div className={`${classes.facts} ${classes.below}`}>
        {user.apiTokenCount === null || user.apiTokenCount === 0 ? (
          'No tokens'
        ) : (
          <Anchor
            component={Link}
            href={`${addresses.adminTokens}?owner=${user.id}`}
            size="xs"
            aria-label={`${counted(user.apiTokenCount, 'token')} of ${user.name}`}
          >
            {counted(user.apiTokenCount, 'token')}
          </Anchor>
        )}
        <br />
        {user.lastActiveAt === null ? (
          'Not active lately'
        ) : (
          <>
            Active <Moment at={user.lastActiveAt} />
          </>
        )}
      </div>
      {isOwn ? <OwnStanding /> : <ChangeStanding user={user} />}
    </li>
  );
}

/** Where the others have their menu; the server would refuse all of it. */
function OwnStanding() {
  return (
    <Tooltip
      label="What you are can be changed by another administrator."
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button variant="default" size="xs" rightSection={<ChevronIcon />} aria-disabled data-disabled>
        Change
      </Button>
    </Tooltip>
  );
}

function ChangeStanding({ user }: { readonly user: User }) {
  const [asked, setAsked] = useState<Standing>('disabled');
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { run, busy } = useChange(UpdateUserDocument, { touches: ['User', 'ApiToken'] });
  const toast = useToast();
  const possible: readonly Standing[] = [
    user.administrator ? 'ordinary' : 'administrator',
    user.disabledAt === null ? 'disabled' : 'enabled',
  ];

  const change = async (standing: Standing) => {
    const { failure } = await run({ id: user.id, ...standings[standing].variables });
    if (failure === null) {
      toast({
        text: standings[standing].done(user.name),
        action: { label: 'Undo', run: () => void undo(opposite[standing]) },
      });
    }
    return failure;
  };

  const undo = async (standing: Standing) => {
    const { failure } = await run({ id: user.id, ...standings[standing].variables });
    toast(
      failure === null ? { text: standings[standing].done(user.name) } : { text: failure.sentence, tone: 'failed' },
    );
  };

  const confirm = async () => {
    const failure = await change(asked);
    setFailure(failure);
    if (failure === null) {
      setAsking(false);
    }
  };

  const { title, consequence, action, isDanger } = standings[asked];
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <Button variant="default" size="xs" rightSection={<ChevronIcon />} aria-label={`Change ${user.name}`}>
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {possible.map((standing) => (
            <Menu.Item
              key={standing}
              color={standings[standing].isDanger ? 'red' : undefined}
              onClick={() => {
                setAsked(standing);
                setFailure(null);
                setAsking(true);
              }}
            >
              {standings[standing].action}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking}
        title={title(user.name)}
        action={action}
        danger={isDanger}
        busy={busy}
        failure={failure}
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      >
        {consequence(user)}
      </ConfirmDialog>
    </>
  );
}
