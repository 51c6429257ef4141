import { Alert, Button, NumberInput, Radio, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { AbilitiesDocument, type ApiSettingsQuery, UpdateApiSettingsDocument } from '../../../../schema/documents.js';
import { AbilityPicker } from '../../form/ability-picker.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useForm } from '../../form/use-form.js';
import { useChange } from '../../graphql/change.js';
import { useRead } from '../../graphql/read.js';
import { useToast } from '../../layout/toasts.js';
import { sentence } from './counted.js';
import type { Stake } from './stake.js';

interface Props {
  readonly settings: ApiSettingsQuery['apiSettings'];
  /** Null until it is known. */
  readonly stake: Stake | null;
}

interface Choice {
  readonly abilities: readonly string[];
  /** Null for no limit; a text while it is being typed. */
  readonly days: number | string | null;
}

const touches = ['ApiSettings', 'Ability', 'ApiToken', 'ApiTokenLimits'];
const suggestedDays = 90;
const longestDays = 36_500;

/** The abilities that a form ticks at first, and how long a token may live. */
export function NewTokens({ settings, stake }: Props) {
  const [choice, setChoice] = useState<Choice>(() => choiceOf(settings));
  const [lastDays, setLastDays] = useState(choice.days ?? suggestedDays);
  const { data, failure: unread } = useRead(AbilitiesDocument, {});
  const { run } = useChange(UpdateApiSettingsDocument, { touches });
  const toast = useToast();

  const { form, field, failure, busy } = useForm(UpdateApiSettingsDocument, {
    variables: () => variablesOf(choice),
    touches,
    onDone: () => {
      const before = choiceOf(settings);
      toast({
        text: 'The settings for new tokens are saved.',
        action: { label: 'Undo', run: () => void back(before) },
      });
    },
  });

  const back = async (before: Choice) => {
    const { failure } = await run(variablesOf(before));
    if (failure === null) {
      setChoice(before);
    }
    toast(failure === null ? { text: 'The settings are as they were.' } : { text: failure.sentence, tone: 'failed' });
  };

  const setDays = (days: number | string) => {
    setLastDays(days);
    setChoice({ ...choice, days });
  };

  const ending = choice.days === null || Number(choice.days) < 1 ? null : stake?.olderThan(Number(choice.days));
  return (
    <form {...form}>
      <Stack gap="xl">
        <FailureNotice failure={failure ?? unread} fields={['defaultAbilities', 'maximumTokenLifetimeDays']} />
        <div>
          <Title order={3}>Default abilities</Title>
          <Text size="sm" c="dimmed" mb="md">
            Ticked in the form for a new token, and given to a device that asks for none.
          </Text>
          {data === undefined ? (
            <Skeleton height={420} />
          ) : (
            <AbilityPicker
              label="Default abilities"
              name="defaultAbilities"
              abilities={data.abilities}
              value={choice.abilities}
              onChange={(abilities) => setChoice({ ...choice, abilities })}
              error={field('defaultAbilities').error}
            />
          )}
        </div>
        <Radio.Group
          label="Longest lifetime"
          labelProps={{ fz: 'md', fw: 600 }}
          description="Counted from the day on which a token was made. It holds for the tokens that exist, too."
          descriptionProps={{ fz: 'sm' }}
          value={choice.days === null ? 'none' : 'days'}
          onChange={(value) => setChoice({ ...choice, days: value === 'none' ? null : lastDays })}
        >
          <Stack gap="sm" mt="sm">
            <Radio value="none" label="No limit" />
            <Radio value="days" label="A number of days" />
            <NumberInput
              {...field('maximumTokenLifetimeDays')}
              aria-label="Days"
              allowDecimal={false}
              allowNegative={false}
              max={longestDays}
              clampBehavior="strict"
              w="7rem"
              ml="1.75rem"
              value={lastDays}
              disabled={choice.days === null}
              onChange={setDays}
            />
          </Stack>
        </Radio.Group>
        {ending != null && (
          <Alert role="status" color="red" variant="light" p="sm">
            <Text size="sm">{sentence(`${ending} would end at once, because of their age.`)}</Text>
          </Alert>
        )}
        <div>
          <Button type="submit" loading={busy}>
            Save
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function choiceOf(settings: ApiSettingsQuery['apiSettings']): Choice {
  return { abilities: settings.defaultAbilities, days: settings.maximumTokenLifetimeDays };
}

function variablesOf({ abilities, days }: Choice) {
  return { defaultAbilities: [...abilities], maximumTokenLifetimeDays: days === null ? null : Number(days) };
}
