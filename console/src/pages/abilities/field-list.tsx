import { Text, Title } from '@mantine/core';
import classes from './abilities.module.css';
import type { GuardedField } from './fields.js';
import { LinkList } from './link-list.js';

/** Fields by their types, with what each asks for. */
export function FieldList({ fields }: { readonly fields: readonly GuardedField[] }) {
  const types = Map.groupBy(fields, ({ coordinate }) => coordinate.slice(0, coordinate.indexOf('.')));
  return [...types].map(([type, members]) => (
    <section key={type} className={classes.group} aria-label={type}>
      <Title order={2} size="h3">
        {type}
      </Title>
      <ul className={classes.list}>
        {members.map(({ coordinate, description, rules, abilities }) => (
          <li key={coordinate} className={classes.row}>
            <code className={classes.name}>{coordinate}</code>
            <div className={classes.facts}>
              <Text size="sm">
                <Written text={description} />
              </Text>
              <Text size="sm" c={rules === '' ? 'dimmed' : undefined} fw={rules === '' ? undefined : 500}>
                {rules === '' ? 'Asks for nothing of its own.' : <Written text={rules} />}
              </Text>
              {abilities.length > 0 && (
                <LinkList
                  label="Abilities"
                  of={coordinate}
                  links={abilities.map((each) => [each, `?q=${encodeURIComponent(each)}`])}
                />
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  ));
}

/** A description of the schema; what stands between backticks is code. */
function Written({ text }: { readonly text: string }) {
  return text.split('`').map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text keep their places.
      <code key={at} className={classes.code}>
        {part}
      </code>
    ) : (
      part
    ),
  );
}
