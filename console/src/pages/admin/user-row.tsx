import { Anchor, Badge, Button, Menu, Tooltip } from '@mantine/core';
import { useRef } from 'react';
import { Link } from 'wouter';
import type { UserRowFragment as User } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useUser } from '../../auth/viewer.js';
import { ChevronIcon } from '../../layout/icons.js';
import classes from '../../layout/record-list.module.css';
import { Moment } from '../../time/moment.js';
import { counted } from './counted.js';
import { type Standing, standings } from './standing.js';
import type { StandingChange } from './standing-dialog.js';

interface Props {
  readonly user: User;
  readonly onAsk: (change: StandingChange) => void;
}

/** A user, and what can be made of them. */
export function UserRow({ user, onAsk }: Props) {
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
      {isOwn ? <OwnStanding /> : <ChangeStanding user={user} onAsk={onAsk} />}
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

function ChangeStanding({ user, onAsk }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const possible: readonly Standing[] = [
    user.administrator ? 'ordinary' : 'administrator',
    user.disabledAt === null ? 'disabled' : 'enabled',
  ];
  return (
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
              onAsk({ user, standing });
            }}
          >
            {standings[standing].action}…
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
