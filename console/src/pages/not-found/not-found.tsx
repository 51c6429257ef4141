import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import { addresses } from '../../addresses.js';
import { Page } from '../../layout/page.js';

export default function NotFound() {
  return (
    <Page title="There is nothing here" lead="The address may be misspelt, or what it led to is gone." width="narrow">
      <Anchor component={Link} href={addresses.welcome}>
        Go to the start
      </Anchor>
    </Page>
  );
}
