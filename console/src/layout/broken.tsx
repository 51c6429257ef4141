import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Page } from './page.js';

/** Catches what a page throws, most often a part of it that a newer version of the server no longer has. */
export class Broken extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) {
      return this.props.children;
    }
    return (
      <Page title="This page does not work" lead="The server may have been updated since it was opened." width="narrow">
        <Button onClick={() => window.location.reload()}>Load it again</Button>
      </Page>
    );
  }
}
