import { Button, Checkbox, Input, Text } from '@mantine/core';
import { useId } from 'react';
import type { AbilitiesQuery } from '../../../schema/documents.js';
import classes from './ability-picker.module.css';

export type Ability = AbilitiesQuery['abilities'][number];

interface Props {
  readonly label: string;
  /** Those that may be ticked, in the order of the server. */
  readonly abilities: readonly Ability[];
  /** Those that are ticked; what they imply is not among them unless it is ticked itself. */
  readonly value: readonly string[];
  readonly onChange: (names: string[]) => void;
  /** The name of the argument. */
  readonly name?: string;
  readonly error?: string | undefined;
  /** Those that somebody asked for. */
  readonly marked?: readonly string[];
}

/** Abilities to tick, by what they are about; what comes with a ticked one is shown as ticked too. */
export function AbilityPicker({ label, abilities, value, onChange, name = 'abilities', error, marked = [] }: Props) {
  const id = useId();
  const groups = Map.groupBy(abilities, ({ group }) => group);
  const ticked = abilities.filter((ability) => value.includes(ability.name));
  const bringerOf = (ability: Ability) => ticked.find(({ implies }) => implies.includes(ability.name));
  const inEffect = abilities.filter((ability) => ticked.includes(ability) || bringerOf(ability) !== undefined);
  return (
    <fieldset className={classes.picker} aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend className={classes.legend}>{label}</legend>
      <div className={classes.head}>
        <Presets abilities={abilities} onChange={onChange} />
        <Text size="sm" c="dimmed" role="status">
          {inEffect.length} of {abilities.length} allowed
        </Text>
      </div>
      {error !== undefined && (
        <Input.Error id={`${id}-error`} mb="sm">
          {error}
        </Input.Error>
      )}
      {[...groups].map(([group, members]) => (
        <fieldset key={group} className={classes.group}>
          <legend className={classes.name}>{titleOf(group)}</legend>
          <div className={classes.members}>
            {members.map((ability) => (
              <Row
                key={ability.name}
                ability={ability}
                argument={name}
                ticked={value.includes(ability.name)}
                bringer={bringerOf(ability)}
                marked={marked.includes(ability.name)}
                invalid={error !== undefined && ability === abilities[0]}
                onTick={(tick) =>
                  onChange(tick ? [...value, ability.name] : value.filter((each) => each !== ability.name))
                }
              />
            ))}
          </div>
        </fieldset>
      ))}
    </fieldset>
  );
}

/** What a group is called: the server names it after the feature. */
export function titleOf(group: string): string {
  return group === 'all' ? 'Of every kind' : group.charAt(0).toUpperCase() + group.slice(1);
}

interface RowProps {
  readonly ability: Ability;
  readonly argument: string;
  readonly ticked: boolean;
  /** A ticked one that implies it. */
  readonly bringer: Ability | undefined;
  readonly marked: boolean;
  readonly invalid: boolean;
  readonly onTick: (tick: boolean) => void;
}

function Row({ ability, argument, ticked, bringer, marked, invalid, onTick }: RowProps) {
  return (
    <Checkbox
      className={classes.row}
      mod={{ marked }}
      name={argument}
      value={ability.name}
      checked={ticked || bringer !== undefined}
      disabled={bringer !== undefined}
      aria-invalid={invalid || undefined}
      onChange={(event) => onTick(event.currentTarget.checked)}
      label={
        <span className={classes.label}>
          {ability.title} <code className={classes.code}>{ability.name}</code>
          {marked && <span className={classes.mark}>Asked for</span>}
        </span>
      }
      description={bringer === undefined ? ability.description : `Comes with “${bringer.title}”.`}
    />
  );
}

/** Starting points: what the settings tick, what only reads, and nothing. */
function Presets({ abilities, onChange }: Pick<Props, 'abilities' | 'onChange'>) {
  const id = useId();
  const presets = [
    ['Defaults', abilities.filter(({ isDefault }) => isDefault)],
    ['Read only', abilities.filter(({ name }) => name === 'read')],
    ['Nothing', []],
  ] as const;
  return (
    <div className={classes.start}>
      <span id={id}>Start from</span>
      <Button.Group aria-labelledby={id}>
        {presets.map(([label, members]) => (
          <Button key={label} variant="default" size="xs" onClick={() => onChange(members.map(({ name }) => name))}>
            {label}
          </Button>
        ))}
      </Button.Group>
    </div>
  );
}
