import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type TokenRowFragment, UpdateApiTokenDocument } from '../../../../schema/documents.js';
import { useViewer } from '../../auth/viewer.js';
import { type Ability, AbilityPicker } from '../../form/ability-picker.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { useForm } from '../../form/use-form.js';
import { useChange } from '../../graphql/change.js';
import { AbilityChips } from '../../layout/ability-chips.js';
import { Section } from '../../layout/section.js';
import { useToast } from '../../layout/toasts.js';
import { onOffer, readMissing, refusedNames } from './prefill.js';
import { tokenAddress } from './token-address.js';

interface Props {
  readonly token: TokenRowFragment;
  readonly abilities: readonly Ability[];
}

/** Renames a token and changes what it may ask for; what a refused request lacked is ticked and marked. */
export function EditTokenForm({ token, abilities }: Props) {
  const { isAdministrator } = useViewer();
  const search = useSearch();
  const [, navigate] = useLocation();
  const toast = useToast();
  const offer = onOffer(abilities, isAdministrator);
  const isOffered = (name: string) => offer.some((ability) => ability.name === name);
  const granted = token.abilities.filter(isOffered);
  const beyond = token.abilities.filter((name) => !isOffered(name));
  const asked = readMissing(search);
  const missing = asked.filter((name) => isOffered(name) && !token.effectiveAbilities.includes(name));

  const [name, setName] = useState(token.name);
  const [picked, setPicked] = useState(() => [...granted, ...missing.filter((each) => !granted.includes(each))]);
  const isRenamed = name !== token.name;
  const isRegranted = picked.length !== granted.length || !picked.every((each) => granted.includes(each));
  const { run } = useChange(UpdateApiTokenDocument, { touches: ['ApiToken'] });

  const undo = async () => {
    const { data, failure } = await run({
      id: token.id,
      name: isRenamed ? token.name : null,
      abilities: isRegranted ? token.abilities : null,
    });
    if (data === null) {
      toast({ text: failure.sentence, tone: 'failed' });
    } else {
      setName(data.updateApiToken.name);
      setPicked(data.updateApiToken.abilities.filter(isOffered));
      toast({ text: `“${data.updateApiToken.name}” is as it was.` });
    }
  };

  const { form, field, failure, busy } = useForm(UpdateApiTokenDocument, {
    variables: () => ({ id: token.id, name: isRenamed ? name : null, abilities: isRegranted ? [...picked] : null }),
    touches: ['ApiToken'],
    onDone: ({ updateApiToken }) => {
      // Unless somebody has gone on typing meanwhile.
      setName((now) => (now === name ? updateApiToken.name : now));
      const text = `“${updateApiToken.name}” is saved.`;
      const isUndoable = (isRenamed || isRegranted) && !(isRegranted && beyond.length > 0);
      toast(isUndoable ? { text, action: { label: 'Undo', run: () => void undo() } } : { text });
      if (search !== '') {
        navigate(tokenAddress(token.id), { replace: true });
      }
    },
  });

  return (
    <>
      {asked.length > 0 && <Asked missing={missing} refused={refusedNames(asked, abilities, offer)} />}
      <form {...form}>
        <Section title="Program" description="One token for each program, and named after it, is easy to take back.">
          <TextInput
            {...field('name')}
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            required
            withAsterisk={false}
            maw="24rem"
          />
        </Section>
        <Section title="Abilities" description="A change counts from the token’s next request on.">
          {beyond.length > 0 && <Beyond names={beyond} of={token.name} leaving={isRegranted} />}
          <AbilityPicker
            label="Abilities"
            abilities={offer}
            value={picked}
            onChange={setPicked}
            error={field('abilities').error}
            marked={missing}
          />
        </Section>
        <Stack gap="md" align="flex-end" mb="xl">
          <FailureNotice failure={failure} fields={['name', 'abilities']} />
          <Group gap="xs">
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  );
}

/** What the address asks for; that a request was refused is its word alone. */
function Asked({ missing, refused }: { readonly missing: readonly string[]; readonly refused: readonly string[] }) {
  const isMet = missing.length === 0 && refused.length === 0;
  return (
    <Alert
      variant="light"
      mb="xl"
      title={isMet ? 'Nothing is missing any more' : 'This address asks for more abilities'}
    >
      <Text size="sm">
        {isMet && 'The token has what was asked for.'}
        {missing.length > 0 &&
          'A request that was refused leads here. What it lacked is ticked and marked below; save only if the program should have it.'}
        {missing.length === 0 && refused.length > 0 && 'What is asked for cannot be given here.'}
      </Text>
      {refused.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
    </Alert>
  );
}

/** Abilities that the token was given and that this user cannot give. */
function Beyond(props: { readonly names: readonly string[]; readonly of: string; readonly leaving: boolean }) {
  const { names, of, leaving } = props;
  return (
    <Alert variant="light" color={leaving ? 'red' : 'gray'} mb="lg">
      <Text size="sm" mb="xs">
        {leaving
          ? 'Saving takes away what cannot be given here:'
          : 'It was also given what cannot be given here, and keeps it until you tick others:'}
      </Text>
      <AbilityChips of={of} names={names} />
    </Alert>
  );
}
