import { Alert, Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import {
  type ApiTokenLimitsQuery,
  CreateApiTokenDocument,
  type CreateApiTokenMutation,
} from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { type Ability, AbilityPicker } from '../../form/ability-picker.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useForm } from '../../form/use-form.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';
import { momentOf, readExpiry, usualExpiry } from './expiry.js';
import { ExpiryField } from './expiry-field.js';
import { onOffer, readPrefill, refusedNames } from './prefill.js';
import { SecretDialog } from './secret-dialog.js';

interface Props {
  /** The query of the address, which may fill the form in. */
  readonly search: string;
  readonly abilities: readonly Ability[];
  readonly limits: ApiTokenLimitsQuery['viewer']['apiTokenLimits'];
}

/** Makes a token and shows its text, once. */
export function NewTokenForm({ search, abilities, limits: { maximumLifetimeDays, maximumCount, count } }: Props) {
  const { isAdministrator } = useViewer();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [start] = useState(() => startingPoint(search, abilities, isAdministrator, maximumLifetimeDays));
  const [picked, setPicked] = useState(start.picked);
  const [expiry, setExpiry] = useState(start.expiry);
  const [noDay, setNoDay] = useState(false);
  const [created, setCreated] = useState<CreateApiTokenMutation['createApiToken'] | null>(null);
  const { form, field, failure, busy } = useForm(CreateApiTokenDocument, {
    variables: (value) => ({
      name: value('name'),
      abilities: [...picked],
      expiresAt: momentOf(expiry, maximumLifetimeDays, new Date())?.toISOString() ?? null,
    }),
    touches: ['ApiToken'],
    onDone: ({ createApiToken }) => setCreated(createApiToken),
  });

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    // Without a day it would have no end, which is not what was chosen.
    if (momentOf(expiry, maximumLifetimeDays, new Date()) === undefined) {
      event.preventDefault();
      setNoDay(true);
      event.currentTarget.querySelector<HTMLElement>('[type="date"]')?.focus();
    } else {
      void form.onSubmit(event);
    }
  };

  return (
    <>
      {start.notes.length > 0 && (
        <Alert variant="light" color="pine" mb="xl" title="A link has filled in this form">
          {start.notes.map((note) => (
            <Text key={note} size="sm">
              {note}
            </Text>
          ))}
        </Alert>
      )}
      {count >= maximumCount && (
        <Alert variant="light" color="red" mb="xl">
          <Text size="sm">
            You hold {count} tokens, and {maximumCount} is the limit.{' '}
            <Anchor component={Link} href={addresses.tokens} inherit>
              Delete one
            </Anchor>{' '}
            to make room.
          </Text>
        </Alert>
      )}
      <form {...form} onSubmit={onSubmit}>
        <Section title="Program" description="One token for each program, and named after it, is easy to take back.">
          <TextInput
            {...field('name')}
            label="Name"
            defaultValue={start.name}
            autoComplete="off"
            required
            withAsterisk={false}
            maw="24rem"
          />
        </Section>
        <Section title="Abilities" description="What the token may ask for. Tick what the program needs and no more.">
          <AbilityPicker
            label="Abilities"
            abilities={onOffer(abilities, isAdministrator)}
            value={picked}
            onChange={setPicked}
            error={field('abilities').error}
          />
        </Section>
        <Section
          title="Expiry"
          description={
            maximumLifetimeDays === null
              ? 'A token that ends by itself cannot be forgotten. The end cannot be moved later.'
              : `On this server a token lives ${maximumLifetimeDays} ${maximumLifetimeDays === 1 ? 'day' : 'days'} at most. The end cannot be moved later.`
          }
        >
          <Stack gap="sm">
            <ExpiryField
              maximumDays={maximumLifetimeDays}
              value={expiry}
              onChange={(choice) => {
                setExpiry(choice);
                setNoDay(false);
              }}
              name="expiresAt"
              error={noDay ? 'Must be a day.' : field('expiresAt').error}
            />
          </Stack>
        </Section>
        <Stack gap="md" align="flex-end">
          <FailureNotice failure={failure} fields={['name', 'abilities', 'expiresAt']} />
          <Group gap="xs">
            <Button component={Link} href={addresses.tokens} variant="default">
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Create the token
            </Button>
          </Group>
        </Stack>
      </form>
      {created !== null && (
        <SecretDialog
          name={created.apiToken.name}
          secret={created.plainTextToken}
          onDone={() => {
            toast({ text: `“${created.apiToken.name}” can be used from now on.` });
            navigate(addresses.tokens, { replace: true });
          }}
        />
      )}
    </>
  );
}

/** What the form holds at first, and what there is to say about the address that filled it in. */
function startingPoint(
  search: string,
  abilities: readonly Ability[],
  isAdministrator: boolean,
  maximumDays: number | null,
) {
  const prefill = readPrefill(search);
  const offer = onOffer(abilities, isAdministrator);
  const now = new Date();
  const wanted = prefill.expires === null ? null : readExpiry(prefill.expires, maximumDays, now);
  const isFilled = prefill.name !== '' || prefill.abilities !== null || prefill.expires !== null;
  return {
    name: prefill.name,
    picked:
      prefill.abilities === null
        ? offer.filter(({ isDefault }) => isDefault).map(({ name }) => name)
        : offer.filter(({ name }) => prefill.abilities?.includes(name)).map(({ name }) => name),
    expiry: wanted ?? usualExpiry(maximumDays, now),
    notes: isFilled
      ? [
          'Look at what it asks for before you create the token.',
          ...refusedNames(prefill.abilities ?? [], abilities, offer),
          ...(prefill.expires !== null && wanted === null
            ? [`“${prefill.expires}” is no end that a token can have here.`]
            : []),
        ]
      : [],
  };
}
