import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { DeleteAccountDocument } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { forgetKept } from '../../auth/kept.js';
import { useUser, useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { PasswordField } from '../../form/password-field.js';
import { useForm } from '../../form/use-form.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';

/** Deletes the account for the password. */
export function DeleteAccount() {
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Delete the account"
      description="With it go your sessions, your tokens and your posts. There is no way back."
      danger
    >
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        Delete the account…
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Delete the account?" size="sm">
        <Confirmation onClose={() => setAsking(false)} />
      </Modal>
    </Section>
  );
}

function Confirmation({ onClose }: { readonly onClose: () => void }) {
  const { email } = useUser();
  const { renew } = useViewer();
  const toast = useToast();
  const [, navigate] = useLocation();
  const { form, field, failure, busy } = useForm(DeleteAccountDocument, {
    variables: (value) => ({ password: value('password') }),
    onDone: () => {
      forgetKept();
      renew();
      navigate(addresses.welcome);
      toast({ text: 'The account is deleted.' });
    },
  });
  return (
    <form {...form}>
      <Stack gap="md">
        <Text size="sm">
          <strong>{email}</strong> and everything that belongs to it will be gone at once. Programs that use its tokens
          will be refused.
        </Text>
        <FailureNotice failure={failure} fields={['password']} />
        <input type="text" name="username" autoComplete="username" value={email ?? ''} readOnly hidden />
        <PasswordField {...field('password')} label="Password" purpose="current" data-autofocus />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={busy}>
            Delete for good
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
