import { Button } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { askAgain, isConnectionLost, onConnectionChange } from '../graphql/connection.js';
import classes from './connection-banner.module.css';

/** Tells that the server cannot be reached, for as long as it cannot. */
export function ConnectionBanner() {
  const lost = useSyncExternalStore(onConnectionChange, isConnectionLost);
  return (
    <div role="status" className={classes.place}>
      {lost && (
        <div className={classes.banner}>
          <span>The server cannot be reached. The page tries again by itself.</span>
          <Button size="compact-sm" variant="white" color="dark" onClick={askAgain}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
