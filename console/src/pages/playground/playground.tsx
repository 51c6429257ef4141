import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Page } from '../../layout/page.js';
import classes from './workbench.module.css';

const Workbench = lazy(() => import('./workbench.js'));

export default function Playground() {
  return (
    <Page title="Playground" width="full">
      <Suspense fallback={<Waiting />}>
        <Workbench />
      </Suspense>
    </Page>
  );
}

/** Stands where the editor and the panel will be. */
function Waiting() {
  return (
    <div className={classes.workbench} aria-busy="true">
      <div className={classes.coming}>
        <Skeleton height="100%" radius={0} />
      </div>
      <div className={classes.panel}>
        <Skeleton height={34} />
        <Skeleton height={14} width="70%" mt="xl" />
        <Skeleton height={14} width="50%" mt="sm" />
      </div>
    </div>
  );
}
