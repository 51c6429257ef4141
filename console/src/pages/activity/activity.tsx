import { useUser } from '../../auth/viewer.js';
import { useFilters } from '../../layout/filters.js';
import { Page } from '../../layout/page.js';
import { EventFilters } from './event-filters.js';
import { EventList } from './event-list.js';

export default function Activity() {
  const { id } = useUser();
  const filters = useFilters();
  return (
    <Page
      title="Activity"
      lead="What was done with your account, its tokens and its browsers, and what was refused. If something was not you, change your password."
    >
      <EventFilters filters={filters} />
      <EventList filters={filters} user={id} empty="Nothing has happened yet." />
    </Page>
  );
}
