import { MultiSelect, SegmentedControl, Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { AbilitiesDocument, ApiTokensDocument } from '../../../../schema/documents.js';
import { titleOf } from '../../form/ability-picker.js';
import { useRead } from '../../graphql/read.js';
import classes from './access-panel.module.css';
import type { RunAs } from './run-as.js';

interface Props {
  readonly runAs: RunAs;
  readonly onRunAs: (runAs: RunAs) => void;
}

const kinds = [
  { value: 'myself', label: 'Myself' },
  { value: 'token', label: 'A token' },
  { value: 'abilities', label: 'Abilities' },
];

/** As whom the editor runs: the session, one of its user's tokens, or a token that there could be. */
export function RunAsChoice({ runAs, onRunAs }: Props) {
  // What was chosen before is still there on the way back.
  const [token, setToken] = useState<Extract<RunAs, { kind: 'token' }>>({ kind: 'token', token: null });
  const [abilities, setAbilities] = useState<Extract<RunAs, { kind: 'abilities' }>>({ kind: 'abilities', names: [] });
  const choices: Record<string, RunAs> = { myself: { kind: 'myself' }, token, abilities };
  return (
    <section className={classes.choice} aria-labelledby="run-as">
      <Text component="h2" id="run-as" className={classes.heading}>
        Run as
      </Text>
      <SegmentedControl
        aria-labelledby="run-as"
        fullWidth
        size="xs"
        data={kinds}
        value={runAs.kind}
        onChange={(kind) => onRunAs(choices[kind] ?? { kind: 'myself' })}
      />
      {runAs.kind === 'token' && (
        <TokenChoice
          token={runAs.token}
          onToken={(chosen) => {
            const next = { kind: 'token' as const, token: chosen };
            setToken(next);
            onRunAs(next);
          }}
        />
      )}
      {runAs.kind === 'abilities' && (
        <AbilitiesChoice
          names={runAs.names}
          onNames={(names) => {
            const next = { kind: 'abilities' as const, names };
            setAbilities(next);
            onRunAs(next);
          }}
        />
      )}
    </section>
  );
}

type Token = Extract<RunAs, { kind: 'token' }>['token'];

function TokenChoice({ token, onToken }: { readonly token: Token; readonly onToken: (token: Token) => void }) {
  const [typed, setTyped] = useState(token?.name ?? '');
  const [search] = useDebouncedValue(typed === token?.name ? '' : typed, 250);
  const { data, failure, loading } = useRead(ApiTokensDocument, { first: 100, search }, { types: ['ApiToken'] });
  const found = data?.apiTokens.nodes ?? [];
  const listed = token === null || found.some(({ id }) => id === token.id) ? found : [token, ...found];
  return (
    <Select
      aria-label="Token"
      size="sm"
      placeholder={loading && data === undefined ? 'Loading…' : 'Choose one of your tokens'}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has searched.
      filter={({ options }) => options}
      nothingFoundMessage={search === '' ? 'You have no tokens.' : 'No token is called so.'}
      data={listed.map(({ id, name }) => ({ value: id, label: name }))}
      value={token?.id ?? null}
      onChange={(id) => onToken(listed.find((each) => each.id === id) ?? null)}
      error={failure?.sentence}
      maxDropdownHeight={280}
    />
  );
}

interface AbilitiesProps {
  readonly names: readonly string[];
  readonly onNames: (names: readonly string[]) => void;
}

function AbilitiesChoice({ names, onNames }: AbilitiesProps) {
  const { data, failure } = useRead(AbilitiesDocument, {});
  const groups = Map.groupBy(data?.abilities ?? [], ({ group }) => group);
  return (
    <MultiSelect
      aria-label="Abilities"
      size="sm"
      placeholder={names.length === 0 ? 'None yet: choose some' : undefined}
      searchable
      clearable
      hidePickedOptions
      classNames={{ inputField: classes.search }}
      nothingFoundMessage="No such ability."
      data={[...groups].map(([group, members]) => ({
        group: titleOf(group),
        items: members.map(({ name }) => name),
      }))}
      value={[...names]}
      onChange={onNames}
      error={failure?.sentence}
      maxDropdownHeight={280}
    />
  );
}
