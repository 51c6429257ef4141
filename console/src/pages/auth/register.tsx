import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { Link, useLocation, useSearch } from 'wouter';
import { RegisterDocument } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { nextPath, withNext } from '../../auth/next.js';
import { useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { PasswordField } from '../../form/password-field.js';
import { useForm } from '../../form/use-form.js';
import { Page } from '../../layout/page.js';

export default function Register() {
  const { renew } = useViewer();
  const [, navigate] = useLocation();
  const next = nextPath(useSearch());
  const { form, field, failure, busy } = useForm(RegisterDocument, {
    variables: (value) => ({ name: value('name'), email: value('email'), password: value('password') }),
    onDone: () => {
      renew();
      navigate(next ?? addresses.welcome, { replace: true });
    },
  });
  return (
    <Page title="Create an account" width="narrow">
      <form {...form}>
        <Stack gap="md">
          <FailureNotice failure={failure} fields={['name', 'email', 'password']} />
          <TextInput {...field('name')} label="Name" autoComplete="name" required withAsterisk={false} />
          <TextInput
            {...field('email')}
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
          />
          <PasswordField
            {...field('password')}
            label="Password"
            description="At least 8 characters. A few words in a row are easy to remember."
            purpose="new"
          />
          <Button type="submit" loading={busy} fullWidth>
            Create the account
          </Button>
        </Stack>
      </form>
      <Text size="sm" mt="lg" c="dimmed">
        You have one already?{' '}
        <Anchor component={Link} href={withNext(addresses.login, next)}>
          Sign in
        </Anchor>
      </Text>
    </Page>
  );
}
