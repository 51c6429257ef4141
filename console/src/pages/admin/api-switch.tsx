import { Switch, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { type ApiSettingsQuery, UpdateApiSettingsDocument } from '../../../../schema/documents.js';
import { useChange } from '../../graphql/change.js';
import type { Failure } from '../../graphql/failure.js';
import { ConfirmDialog } from '../../layout/confirm-dialog.js';
import { useToast } from '../../layout/toasts.js';
import { Moment } from '../../time/moment.js';
import { sentence } from './counted.js';
import type { Stake } from './stake.js';

interface Props {
  readonly settings: ApiSettingsQuery['apiSettings'];
  /** Null until it is known. */
  readonly stake: Stake | null;
}

/** The switch of the API for tokens, and what it does before it does it. */
export function ApiSwitch({ settings, stake }: Props) {
  const { run, busy } = useChange(UpdateApiSettingsDocument, { touches: ['ApiSettings'] });
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  /** What it was just switched to, for as long as nothing newer has been read. */
  const [switched, setSwitched] = useState<{ after: Props['settings']; enabled: boolean } | null>(null);
  const latest = useRef(settings);
  latest.current = settings;
  const toast = useToast();
  const isOn = switched?.after === settings ? switched.enabled : settings.enabled;

  const change = async (enabled: boolean, isUndo = false) => {
    const { failure } = await run({ enabled });
    if (failure === null) {
      setSwitched({ after: latest.current, enabled });
      toast({
        text: enabled ? 'The API is switched on.' : 'The API is switched off.',
        ...(isUndo ? {} : { action: { label: 'Undo', run: () => void back(!enabled) } }),
      });
    }
    return failure;
  };

  const back = async (enabled: boolean) => {
    const failure = await change(enabled, true);
    if (failure !== null) {
      toast({ text: failure.sentence, tone: 'failed' });
    }
  };

  const switchOn = async () => {
    setSwitched({ after: settings, enabled: true });
    const failure = await change(true);
    if (failure !== null) {
      setSwitched(null);
      toast({ text: failure.sentence, tone: 'failed' });
    }
  };

  const switchOff = async () => {
    const failure = await change(false);
    setFailure(failure);
    if (failure === null) {
      setAsking(false);
    }
  };

  return (
    <>
      <Switch
        label="Enable API"
        description={<Meaning isOn={isOn} stake={stake} />}
        checked={isOn}
        onChange={() => {
          if (busy) {
            return;
          }
          if (isOn) {
            setFailure(null);
            setAsking(true);
          } else {
            void switchOn();
          }
        }}
      />
      <ConfirmDialog
        opened={asking}
        title="Switch the API off?"
        action="Switch off"
        danger
        busy={busy}
        failure={failure}
        onConfirm={switchOff}
        onClose={() => setAsking(false)}
      >
        {stake?.reach == null ? (
          'There are no tokens that would stop working.'
        ) : (
          <>
            <strong>{sentence(stake.reach)}</strong> will be refused from the next request on.{' '}
            {stake.lastUsedAt === null ? (
              'None has ever been used.'
            ) : (
              <>
                The last use was <Moment at={stake.lastUsedAt} />.
              </>
            )}
          </>
        )}{' '}
        Nobody can make or see tokens of their own. None is deleted: all of them work again when the API is switched on.
        Signed-in browsers go on.
      </ConfirmDialog>
    </>
  );
}

function Meaning({ isOn, stake }: { readonly isOn: boolean; readonly stake: Stake | null }) {
  if (isOn) {
    return (
      <Text component="span" size="sm">
        Programs with a token are answered{stake === null ? '' : `: ${stake.reach ?? 'there are none yet'}`}. Switched
        off, they are refused at once, and nobody can make tokens. Signed-in browsers go on.
      </Text>
    );
  }
  return (
    <Text component="span" size="sm">
      Programs with a token are refused. Switched on, users can make tokens
      {stake?.reach == null ? '.' : `, and ${stake.reach} will work again at once.`}
    </Text>
  );
}
