import { Button, Group, Text } from '@mantine/core';
import { Link, Redirect } from 'wouter';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { Page } from '../../layout/page.js';

export default function Welcome() {
  const { user } = useViewer();
  if (user !== null) {
    return <Redirect to={addresses.account} replace />;
  }
  return (
    <Page title="Latchkey" lead="A GraphQL API, and the keys to it." width="narrow">
      <Text>
        Sign in to see your account and to look after what has access to it. Programs do not sign in: they get a token
        of their own, which can do only what you allow it.
      </Text>
      <Group mt="xl" gap="sm">
        <Button component={Link} href={addresses.login}>
          Sign in
        </Button>
        <Button component={Link} href={addresses.register} variant="default">
          Make an account
        </Button>
      </Group>
    </Page>
  );
}
