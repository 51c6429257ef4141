import { Button } from '@mantine/core';
import { FailureNotice } from '../form/failure-notice.js';
import { askAgain } from '../graphql/connection.js';
import type { Failure } from '../graphql/failure.js';
import { LoadingPage } from './loading.js';
import { Page } from './page.js';

/** Before the server has said who is there: a skeleton, or why there is no more to see. */
export function BeforeViewer({ failure }: { readonly failure: Failure | null }) {
  if (failure === null) {
    return <LoadingPage />;
  }
  return (
    <Page title="Latchkey" width="narrow">
      <FailureNotice failure={failure} />
      <Button mt="md" onClick={() => (failure.code === 'CONNECTION_LOST' ? askAgain() : window.location.reload())}>
        Try again
      </Button>
    </Page>
  );
}
