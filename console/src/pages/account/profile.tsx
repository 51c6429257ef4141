import { Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { UpdateAccountDocument } from '../../../../schema/documents.js';
import { useUser } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { PasswordField } from '../../form/password-field.js';
import { useForm } from '../../form/use-form.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';

/** Name and address of the user; a new address asks for the password. */
export function Profile() {
  const user = useUser();
  const toast = useToast();
  const [email, setEmail] = useState(user.email ?? '');
  const isNew = email.trim().toLowerCase() !== user.email;
  const { form, field, failure, busy } = useForm(UpdateAccountDocument, {
    variables: (value) =>
      isNew
        ? { name: value('name'), email: value('email'), currentPassword: value('currentPassword') }
        : { name: value('name') },
    onDone: () => toast({ text: 'The profile is saved.' }),
  });
  return (
    <Section
      title="Profile"
      description="Your name stands beside what you write. Only you and administrators see the address."
    >
      <form {...form}>
        <Stack gap="md" maw="24rem">
          <FailureNotice failure={failure} fields={['name', 'email', 'currentPassword']} />
          <TextInput
            {...field('name')}
            label="Name"
            defaultValue={user.name}
            autoComplete="name"
            required
            withAsterisk={false}
          />
          <TextInput
            {...field('email')}
            label="E-mail"
            type="email"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            autoComplete="email"
            required
            withAsterisk={false}
          />
          {isNew && (
            <PasswordField
              {...field('currentPassword')}
              label="Your password"
              description="To sign in you need the new address from then on."
              purpose="current"
            />
          )}
          <div>
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
