import { Menu, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useLocation } from 'wouter';
import { addresses } from '../addresses.js';
import { useUser, useViewer } from '../auth/viewer.js';
import { ChevronIcon } from './icons.js';
import { useToast } from './toasts.js';
import classes from './user-menu.module.css';

/** Who is signed in, and the way out. */
export function UserMenu() {
  const { signOut } = useViewer();
  const { name, email } = useUser();
  const toast = useToast();
  const [, navigate] = useLocation();

  const leave = async () => {
    const failure = await signOut();
    if (failure === null) {
      navigate(addresses.welcome);
      toast({ text: 'You are signed out.' });
    } else {
      toast({ text: failure.sentence, tone: 'failed' });
    }
  };

  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.button}>
          <span className={classes.initial} aria-hidden="true">
            {[...name][0]?.toUpperCase()}
          </span>
          <VisuallyHidden>Signed in as </VisuallyHidden>
          <span className={classes.name}>{name}</span>
          <ChevronIcon />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={classes.email}>{email}</Menu.Label>
        <Menu.Item onClick={() => navigate(addresses.account)}>Account</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
