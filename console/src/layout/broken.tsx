import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Page } from './page.js';

/** Catches what a page throws; most often a part of it cannot be loaded, or a newer server no longer has it. */
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
      <Page
        title="This page does not work"
        lead="A part of it could not be loaded. The connection may be lost, or the server was updated."
        width="narrow"
      >
        <Button onClick={() => window.location.reload()}>Load it again</Button>
      </Page>
    );
  }
}
