import { Button, Stack, TextInput } from '@mantine/core';
import { LoginDocument, type LoginMutation } from '../../../schema/documents.js';
import { FailureNotice } from '../form/failure-notice.js';
import { PasswordField } from '../form/password-field.js';
import { useForm } from '../form/use-form.js';
import { wrongCredentials } from '../graphql/failure.js';

interface Props {
  /** The e-mail address that is filled in already. */
  readonly email?: string | undefined;
  readonly onDone: (answer: LoginMutation['login']) => void;
}

/** E-mail, password and what was wrong with them. */
export function SignInForm({ email, onDone }: Props) {
  const { form, field, failure, busy } = useForm(LoginDocument, {
    variables: (value) => ({ email: value('email'), password: value('password') }),
    onDone: ({ login }) => onDone(login),
  });
  return (
    <form {...form}>
      <Stack gap="md">
        <FailureNotice
          failure={failure}
          fields={['email', 'password']}
          sentence={failure?.code === 'UNAUTHENTICATED' ? wrongCredentials : undefined}
        />
        <TextInput
          {...field('email')}
          label="E-mail"
          type="email"
          autoComplete="username"
          defaultValue={email}
          required
          withAsterisk={false}
          data-autofocus={email === undefined || undefined}
        />
        <PasswordField
          {...field('password')}
          label="Password"
          purpose="current"
          data-autofocus={email !== undefined || undefined}
        />
        <Button type="submit" loading={busy} fullWidth>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
