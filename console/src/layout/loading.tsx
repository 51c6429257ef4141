import { Skeleton } from '@mantine/core';
import classes from './page.module.css';

/** Stands for a page whose code or data is on its way, where its heading and its first lines will be. */
export function LoadingPage() {
  return (
    <main className={classes.page} aria-busy="true">
      <Skeleton height={30} width={220} mb={40} />
      <Skeleton height={14} width="60%" mb={12} />
      <Skeleton height={14} width="45%" />
    </main>
  );
}
