import { Skeleton, Tabs, Text } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { AbilitiesDocument, FieldsDocument } from '../../../../schema/documents.js';
import { FailureNotice } from '../../form/failure-notice.js';
import { SearchField } from '../../form/search-field.js';
import { useRead } from '../../graphql/read.js';
import { Page } from '../../layout/page.js';
import classes from './abilities.module.css';
import { AbilityList } from './ability-list.js';
import { FieldList } from './field-list.js';
import { guardedFields, matches } from './fields.js';

export default function Abilities() {
  const [params, setParams] = useSearchParams();
  const wanted = params.get('q') ?? '';
  const isByField = params.get('by') === 'field';
  const catalogue = useRead(AbilitiesDocument, {});
  const schema = useRead(FieldsDocument, {});
  const failure = catalogue.failure ?? schema.failure;
  const show = (q: string, byField: boolean) =>
    setParams({ ...(q === '' ? {} : { q }), ...(byField ? { by: 'field' } : {}) }, { replace: true });

  const abilities = catalogue.data?.abilities;
  const found = abilities?.filter(({ name, title, description, implies, unlocks }) =>
    matches(wanted, name, title, description, ...implies, ...unlocks),
  );
  const fields =
    abilities === undefined || schema.data === undefined
      ? undefined
      : guardedFields(schema.data.__schema.types, abilities).filter(({ coordinate, description, rules, abilities }) =>
          matches(wanted, coordinate, description, rules, ...abilities),
        );
  return (
    <Page title="Abilities" lead="What a token can be given, and what every field of the API asks for.">
      <SearchField
        className={classes.search}
        aria-label="Search abilities and fields"
        placeholder="Such as post:read or Query.posts"
        value={wanted}
        onSearch={(text) => show(text, isByField)}
      />
      {failure !== null && <FailureNotice failure={failure} />}
      <Tabs
        value={isByField ? 'field' : 'ability'}
        onChange={(value) => show(wanted, value === 'field')}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="ability">Abilities{count(found)}</Tabs.Tab>
          <Tabs.Tab value="field">Fields{count(fields)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="ability" pt="lg">
          {found === undefined && failure === null && <Placeholder />}
          {found?.length === 0 && <Nothing wanted={wanted} />}
          {found !== undefined && found.length > 0 && <AbilityList abilities={found} />}
        </Tabs.Panel>
        <Tabs.Panel value="field" pt="lg">
          {fields === undefined && failure === null && <Placeholder />}
          {fields?.length === 0 && <Nothing wanted={wanted} />}
          {fields !== undefined && fields.length > 0 && <FieldList fields={fields} />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function count(found: readonly unknown[] | undefined) {
  return <span className={classes.count}>{found?.length ?? '…'}</span>;
}

function Nothing({ wanted }: { readonly wanted: string }) {
  return (
    <Text c="dimmed" role="status">
      Nothing here has to do with “{wanted}”.
    </Text>
  );
}

const placeholders = ['first', 'second', 'third', 'fourth'] as const;

function Placeholder() {
  return (
    <div className={classes.list} aria-busy="true">
      {placeholders.map((key) => (
        <div key={key} className={classes.row}>
          <div>
            <Skeleton height={14} width={110} my={4} />
            <Skeleton height={12} width={150} my={4} />
          </div>
          <div>
            <Skeleton height={14} width="70%" my={4} />
            <Skeleton height={20} width="40%" mt={10} />
          </div>
        </div>
      ))}
    </div>
  );
}
