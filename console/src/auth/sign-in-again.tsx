import { Modal, Text } from '@mantine/core';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import { SessionLost } from '../graphql/session-lost.js';
import { SignInForm } from './sign-in-form.js';
import { useViewer } from './viewer.js';

const noSession = async () => false;

/** When the session has ended behind a user's back, asks for it again over the page, so that nothing typed is lost. */
export function SignInAgain({ children }: { readonly children: ReactNode }) {
  const { user } = useViewer();
  const [opened, setOpened] = useState(false);
  const waiting = useRef<PromiseWithResolvers<boolean> | null>(null);

  const ask = useCallback((): Promise<boolean> => {
    waiting.current ??= Promise.withResolvers<boolean>();
    setOpened(true);
    return waiting.current.promise;
  }, []);

  const settle = (signedIn: boolean) => {
    waiting.current?.resolve(signedIn);
    waiting.current = null;
    setOpened(false);
  };

  if (user === null) {
    return children;
  }
  return (
    <SessionLost value={ask}>
      {children}
      <Modal opened={opened} onClose={() => settle(false)} title="Your session has ended" size="sm">
        <Text size="sm" c="dimmed" mb="md">
          Sign in to go on where you were. Nothing on the page is lost.
        </Text>
        <SessionLost value={noSession}>
          <SignInForm
            email={user.email ?? undefined}
            onDone={(viewer) => {
              if (viewer.user?.id === user.id) {
                settle(true);
              } else {
                // Somebody else must not see what was on the page.
                window.location.assign('/');
              }
            }}
          />
        </SessionLost>
      </Modal>
    </SessionLost>
  );
}
