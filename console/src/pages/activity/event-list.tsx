import { useMemo } from 'react';
import { AuditEventsDocument } from '../../../../schema/documents.js';
import { useRead } from '../../graphql/read.js';
import type { Filters } from '../../layout/filters.js';
import { usePaging } from '../../layout/paging.js';
import { RecordList } from '../../layout/record-list.js';
import { questionOf } from './event-question.js';
import { EventRow } from './event-row.js';

interface Props {
  readonly filters: Filters;
  /** The account that it is all about; without it, everyone. */
  readonly user?: string;
  readonly empty: string;
}

/** Events, the latest first, as the filters want them. */
export function EventList({ filters, user, empty }: Props) {
  const paging = usePaging(filters.spelled);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filters are told apart by how they are spelled
  const asked = useMemo(() => questionOf(filters, Date.now()), [filters.spelled]);
  const reading = useRead(
    AuditEventsDocument,
    { first: 20, after: paging.after, ...asked, ...(user === undefined ? {} : { user }) },
    { types: ['AuditEvent'] },
  );
  return (
    <RecordList
      label="Events"
      reading={reading}
      page={reading.data?.auditEvents}
      paging={paging}
      filters={filters}
      empty={empty}
      row={(event) => <EventRow key={event.id} event={event} />}
    />
  );
}
