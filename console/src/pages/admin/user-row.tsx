import { Anchor, Badge, Button, Menu, Tooltip } from '@mantine/core';
import { useRef, useState } from 'react';
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
      <div className={classes.below}>
        <div>
          <TokensOf user={user} />
        </div>
        <div>
          {user.lastActiveAt === null ? (
            'No recent activity'
          ) : (
            <>
              Active <Moment at={user.lastActiveAt} />
            </>
          )}
        </div>
      </div>
      {isOwn ? <OwnStanding /> : <ChangeStanding user={user} />}
    </li>
  );
}

/** How many there are, and the way to them. */
function TokensOf({ user: { id, name, apiTokenCount } }: { readonly user: User }) {
  if (apiTokenCount === null || apiTokenCount === 0) {
    return 'No tokens';
  }
  const count = counted(apiTokenCount, 'token');
  return (
    <Anchor component={Link} href={`${addresses.adminTokens}?owner=${id}`} size="xs" aria-label={`${count} of ${name}`}>
      {count}
    </Anchor>
  );
}

/** Where the others have their menu; the server would refuse all of it. */
function OwnStanding() {
  return (
    <Tooltip
      label="What you are can be changed by another administrator."
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button
        variant="default"
        size="xs"
        rightSection={<ChevronIcon />}
        className={classes.off}
        aria-disabled
        data-disabled
      >
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
  const button = useRef<HTMLButtonElement>(null);
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
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button
            ref={button}
            variant="default"
            size="xs"
            rightSection={<ChevronIcon />}
            aria-label={`Change ${user.name}`}
          >
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {possible.map((standing) => (
            <Menu.Item
              key={standing}
              onClick={() => {
                // The dialog gives the focus back to where it was, and the menu is gone by then.
                button.current?.focus();
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
