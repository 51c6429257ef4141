import { Anchor, Text } from '@mantine/core';
import { Link, useLocation, useSearch } from 'wouter';
import { addresses } from '../../addresses.js';
import { nextPath, withNext } from '../../auth/next.js';
import { SignInForm } from '../../auth/sign-in-form.js';
import { useViewer } from '../../auth/viewer.js';
import { Page } from '../../layout/page.js';

export default function Login() {
  const { renew } = useViewer();
  const [, navigate] = useLocation();
  const next = nextPath(useSearch());
  const goOn = () => {
    renew();
    navigate(next ?? addresses.welcome, { replace: true });
  };
  return (
    <Page
      title="Sign in"
      lead={next === null ? undefined : 'That page is for users. You get there as soon as you are signed in.'}
      width="narrow"
    >
      <SignInForm onDone={goOn} />
      <Text size="sm" mt="lg" c="dimmed">
        No account yet?{' '}
        <Anchor component={Link} href={withNext(addresses.register, next)}>
          Create one
        </Anchor>
      </Text>
    </Page>
  );
}
