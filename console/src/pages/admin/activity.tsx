import { SearchField } from '../../form/search-field.js';
import { useFilters } from '../../layout/filters.js';
import { EventFilters } from '../activity/event-filters.js';
import { EventList } from '../activity/event-list.js';
import { AdminPage } from './admin-page.js';

export default function AllActivity() {
  const filters = useFilters();
  return (
    <AdminPage title="All activity" lead="What was changed here, by whom and from where, and what was refused.">
      <EventFilters filters={filters}>
        <SearchField
          aria-label="Search activity"
          placeholder="Id of a user, a token or a browser"
          value={filters.value('about')}
          onSearch={(text) => filters.set('about', text)}
        />
      </EventFilters>
      <EventList filters={filters} empty="Nothing has happened yet." />
    </AdminPage>
  );
}
