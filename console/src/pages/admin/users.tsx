import { NativeSelect } from '@mantine/core';
import { UsersDocument } from '../../../../schema/documents.js';
import { SearchField } from '../../form/search-field.js';
import { useRead } from '../../graphql/read.js';
import { useFilters } from '../../layout/filters.js';
import { usePaging } from '../../layout/paging.js';
import { RecordList } from '../../layout/record-list.js';
import classes from '../../layout/record-list.module.css';
import { AdminPage } from './admin-page.js';
import { useQuestion } from './question.js';
import { type StandingChange, StandingDialog } from './standing-dialog.js';
import { UserRow } from './user-row.js';

const roles = [
  { value: '', label: 'Any role' },
  { value: 'administrator', label: 'Administrators' },
  { value: 'ordinary', label: 'No administrators' },
];
const states = [
  { value: '', label: 'Any state' },
  { value: 'enabled', label: 'Enabled' },
  { value: 'disabled', label: 'Disabled' },
];

export default function Users() {
  const filters = useFilters();
  const paging = usePaging(filters.spelled);
  const question = useQuestion<StandingChange>();
  const { value, set } = filters;
  const reading = useRead(
    UsersDocument,
    {
      first: 20,
      after: paging.after,
      search: value('search'),
      administrator: either(value('role'), 'administrator', 'ordinary'),
      disabled: either(value('state'), 'disabled', 'enabled'),
    },
    { types: ['User'] },
  );
  return (
    <AdminPage title="Users" lead="Who has an account, and what each may do.">
      <div className={classes.filters}>
        <SearchField
          aria-label="Search users"
          placeholder="Name or e-mail"
          value={value('search')}
          onSearch={(text) => set('search', text)}
        />
        <NativeSelect
          aria-label="Role"
          data={roles}
          value={value('role')}
          onChange={(event) => set('role', event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="State"
          data={states}
          value={value('state')}
          onChange={(event) => set('state', event.currentTarget.value)}
        />
      </div>
      <RecordList
        label="Users"
        reading={reading}
        page={reading.data?.users}
        paging={paging}
        filters={filters}
        empty="Nobody has an account."
        row={(user) => <UserRow key={user.id} user={user} onAsk={question.ask} />}
      />
      <StandingDialog question={question} />
    </AdminPage>
  );
}

function either(value: string, yes: string, no: string): boolean | null {
  return value === yes ? true : value === no ? false : null;
}
