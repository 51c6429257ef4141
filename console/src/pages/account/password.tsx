import { Button, Stack } from '@mantine/core';
import { UpdatePasswordDocument } from '../../../../schema/documents.js';
import { useUser } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { PasswordField } from '../../form/password-field.js';
import { useForm } from '../../form/use-form.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';

/** Changes the password, which ends all other sessions. */
export function Password() {
  const { email } = useUser();
  const toast = useToast();
  const { form, field, failure, busy } = useForm(UpdatePasswordDocument, {
    variables: (value) => ({ currentPassword: value('currentPassword'), newPassword: value('newPassword') }),
    touches: ['Session'],
    onDone: (_data, element) => {
      element.reset();
      toast({ text: 'The password is changed. Your other browsers are signed out.' });
    },
  });
  return (
    <Section
      title="Password"
      description="A new password signs out every other browser. Tokens go on working; delete those that you do not trust."
    >
      <form {...form}>
        <Stack gap="md" maw="24rem">
          <FailureNotice failure={failure} fields={['currentPassword', 'newPassword']} />
          {/* Tells a password manager whose password it is. */}
          <input type="text" name="username" autoComplete="username" value={email ?? ''} readOnly hidden />
          <PasswordField {...field('currentPassword')} label="Current password" purpose="current" />
          <PasswordField
            {...field('newPassword')}
            label="New password"
            description="At least 8 characters."
            purpose="new"
          />
          <div>
            <Button type="submit" loading={busy}>
              Change the password
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
