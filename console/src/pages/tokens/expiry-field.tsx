import { Group, Radio, Text, TextInput } from '@mantine/core';
import { locale } from '../../time/locale.js';
import { dayPresets, dayRange, type ExpiryChoice, momentOf } from './expiry.js';

interface Props {
  /** Days that a token may live; null when there is no limit. */
  readonly maximumDays: number | null;
  readonly value: ExpiryChoice;
  readonly onChange: (choice: ExpiryChoice) => void;
  /** The name of the argument. */
  readonly name: string;
  readonly error: string | undefined;
}

const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });

/** When a new token ends, as far as the settings leave the choice. */
export function ExpiryField({ maximumDays, value, onChange, name, error }: Props) {
  const now = new Date();
  const isDay = value.kind === 'day';
  return (
    <>
      <Radio.Group
        label="The token ends"
        labelProps={{ size: 'sm' }}
        value={value.kind}
        onChange={(kind) => onChange({ ...value, kind })}
        error={isDay ? undefined : error}
      >
        <Group gap="md" mt="xs">
          {dayPresets(maximumDays).map((days) => (
            <Radio key={days} name={name} value={String(days)} label={`after ${days} ${days === 1 ? 'day' : 'days'}`} />
          ))}
          <Radio name={name} value="day" label="on another day" />
          {maximumDays === null && <Radio name={name} value="never" label="never" />}
        </Group>
      </Radio.Group>
      {isDay && (
        <TextInput
          type="date"
          name={name}
          label="Last day"
          {...dayRange(maximumDays, now)}
          value={value.day}
          onChange={(event) => onChange({ ...value, day: event.currentTarget.value })}
          error={error}
          required
          withAsterisk={false}
          maw="12rem"
        />
      )}
      <Text size="sm" c="dimmed" role="status">
        {inWords(momentOf(value, maximumDays, now))}
      </Text>
    </>
  );
}

function inWords(end: Date | null | undefined): string {
  if (end === undefined) {
    return 'Choose the last day on which it works.';
  }
  return end === null ? 'It works until you delete it.' : `It works until ${moment.format(end)}.`;
}
