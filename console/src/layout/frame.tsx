import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { addresses } from '../addresses.js';
import { useViewer } from '../auth/viewer.js';
import { ColourScheme } from './colour-scheme.js';
import classes from './frame.module.css';
import { Logo } from './logo.js';
import { Navigation } from './navigation.js';
import { UserMenu } from './user-menu.js';

/** What stands around every page. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { user } = useViewer();
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar} data-user={user !== null || undefined}>
          <Link href={addresses.welcome} className={classes.home} aria-label="Latchkey, home">
            <Logo />
          </Link>
          {user !== null && <Navigation />}
          <div className={classes.tools}>
            <ColourScheme />
            {user === null ? <GuestButtons /> : <UserMenu />}
          </div>
        </div>
      </header>
      {children}
    </>
  );
}

function GuestButtons() {
  return (
    <Button component={Link} href={addresses.login} variant="default" size="compact-md">
      Sign in
    </Button>
  );
}
