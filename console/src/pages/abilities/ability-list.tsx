import { Anchor, Badge, Text, Title, VisuallyHidden } from '@mantine/core';
import { Link } from 'wouter';
import { addresses } from '../../addresses.js';
import { titleOf } from '../../form/ability-picker.js';
import classes from './abilities.module.css';
import type { Ability } from './fields.js';
import { LinkList } from './link-list.js';

/** Abilities with what comes with them and what they unlock. */
export function AbilityList({ abilities }: { readonly abilities: readonly Ability[] }) {
  return [...Map.groupBy(abilities, ({ group }) => group)].map(([group, members]) => (
    <section key={group} className={classes.group} aria-label={titleOf(group)}>
      <Title order={2} size="h3">
        {titleOf(group)}
      </Title>
      <ul className={classes.list}>
        {members.map((ability) => (
          <Row key={ability.name} ability={ability} />
        ))}
      </ul>
    </section>
  ));
}

function Row({ ability: { name, title, description, implies, unlocks, adminOnly, isDefault } }: Props) {
  return (
    <li className={classes.row}>
      <div>
        <code className={classes.name}>{name}</code>
        <div className={classes.notes}>
          {title}
          {adminOnly && <Note>Administrators</Note>}
          {isDefault && <Note>Default</Note>}
        </div>
        <Anchor component={Link} href={`${addresses.newToken}?abilities=${name}`} size="xs">
          Create a token<VisuallyHidden> with {name}</VisuallyHidden>
        </Anchor>
      </div>
      <div className={classes.facts}>
        <Text size="sm">{description}</Text>
        {implies.length > 0 && (
          <LinkList label="Brings" of={name} links={implies.map((each) => [each, `?q=${encodeURIComponent(each)}`])} />
        )}
        {unlocks.length > 0 && (
          <LinkList
            label="Helps to unlock"
            of={name}
            links={unlocks.map((each) => [each, `?q=${encodeURIComponent(each)}&by=field`])}
          />
        )}
      </div>
    </li>
  );
}

interface Props {
  readonly ability: Ability;
}

function Note({ children }: { readonly children: string }) {
  return (
    <Badge size="sm" variant="default" tt="none">
      {children}
    </Badge>
  );
}
