import { Anchor, NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { AbilitiesDocument, AllApiTokensDocument } from '../../../../schema/documents.js';
import { addresses } from '../../addresses.js';
import { useViewer } from '../../auth/viewer.js';
import { SearchField } from '../../form/search-field.js';
import { useRead } from '../../graphql/read.js';
import { useFilters } from '../../layout/filters.js';
import { usePaging } from '../../layout/paging.js';
import { RecordList } from '../../layout/record-list.js';
import classes from '../../layout/record-list.module.css';
import { AdminPage } from './admin-page.js';
import { OwnerNote } from './owner-note.js';
import { useQuestion } from './question.js';
import { RevokeDialog, type Token } from './revoke-dialog.js';
import { TokenRow } from './token-row.js';

const uses = [
  { value: '', label: 'Used or not' },
  { value: '30', label: 'Unused for 30 days' },
  { value: '90', label: 'Unused for 90 days' },
];
const dayMs = 86_400_000;

export default function Tokens() {
  const { apiEnabled } = useViewer();
  const filters = useFilters();
  const paging = usePaging(filters.spelled);
  const question = useQuestion<Token>();
  const { value, set } = filters;
  const unused = uses.find((each) => each.value === value('unused'))?.value ?? '';
  const unusedSince = useMemo(
    () => (unused === '' ? null : new Date(Date.now() - Number(unused) * dayMs).toISOString()),
    [unused],
  );
  const owner = value('owner');
  const reading = useRead(
    AllApiTokensDocument,
    {
      first: 20,
      after: paging.after,
      search: value('search'),
      owner: owner === '' ? null : owner,
      ability: value('ability') === '' ? null : value('ability'),
      unusedSince,
    },
    { types: ['ApiToken'] },
  );
  const { data } = useRead(AbilitiesDocument, {});
  const abilities = data?.abilities.map(({ name }) => ({ value: name, label: name })) ?? [];

  return (
    <AdminPage title="All tokens" lead="What everyone’s programs may do here.">
      {!apiEnabled && (
        <div className={classes.note}>
          <span>
            The API is switched off, so none of these works.{' '}
            <Anchor component={Link} href={addresses.admin} inherit>
              Settings
            </Anchor>{' '}
            has the switch.
          </span>
        </div>
      )}
      {owner !== '' && <OwnerNote id={owner} onClear={() => set('owner', '')} />}
      <div className={classes.filters}>
        <SearchField
          aria-label="Search tokens"
          placeholder="Name of the token, name or e-mail of its owner"
          value={value('search')}
          onSearch={(text) => set('search', text)}
        />
        <NativeSelect
          aria-label="Ability"
          data={[{ value: '', label: 'Any ability' }, ...abilities]}
          value={value('ability')}
          onChange={(event) => set('ability', event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="Last use"
          data={uses}
          value={unused}
          onChange={(event) => set('unused', event.currentTarget.value)}
        />
      </div>
      <RecordList
        label="Tokens"
        reading={reading}
        page={reading.data?.allApiTokens}
        paging={paging}
        filters={filters}
        empty="Nobody has a token."
        row={(token) => <TokenRow key={token.id} token={token} onRevoke={question.ask} />}
      />
      <RevokeDialog question={question} />
    </AdminPage>
  );
}
