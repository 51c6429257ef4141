import { Badge } from '@mantine/core';
import type { AuditEventsQuery } from '../../../../schema/documents.js';
import { useUser } from '../../auth/viewer.js';
import classes from '../../layout/record-list.module.css';
import { Moment } from '../../time/moment.js';
import { browserName } from '../account/browser-name.js';
import { actionNames } from './action-names.js';
import own from './event-row.module.css';

type Event = AuditEventsQuery['auditEvents']['nodes'][number];

/** What happened, by whom, and from where. */
export function EventRow({ event }: { readonly event: Event }) {
  const { action, outcome, attempts, at, ip, userAgent, changes } = event;
  const about = aboutOf(event, useUser().id);
  const origin = [ip, userAgent === null ? null : browserName(userAgent)].filter((each) => each !== null);
  return (
    <li className={`${classes.row} ${own.event}`}>
      <div>
        <div className={classes.name}>
          {actionNames[action]}
          {outcome === 'REFUSED' && (
            <Badge size="sm" variant="light" color="red" tt="none">
              {attempts === 1 ? 'Refused' : `Refused ${attempts} times`}
            </Badge>
          )}
        </div>
        {about !== null && <div className={classes.below}>{about}</div>}
        {changes.map(({ name, before, after }) => (
          <div key={name} className={classes.below}>
            {changeNames[name] ?? name}
            {before === null && after === null ? '' : `: ${spelled(before, after)}`}
          </div>
        ))}
      </div>
      <div className={classes.below}>
        <div>
          {actorOf(event, useUser().id)} · <Moment at={at} />
        </div>
        {origin.length > 0 && <div>{origin.join(' · ')}</div>}
      </div>
    </li>
  );
}

const changeNames: Record<string, string> = {
  name: 'Name',
  email: 'E-mail',
  abilities: 'Abilities',
  expiresAt: 'Expires',
  replaces: 'In place of',
  endedSessions: 'Browsers signed out',
  tokens: 'Tokens',
  enabled: 'API',
  defaultAbilities: 'Default abilities',
  maximumTokenLifetimeDays: 'Days that a token may live',
  administrator: 'Administrator',
  disabled: 'Disabled',
};

function spelled(before: string | null, after: string | null): string {
  return [before, after]
    .filter((each) => each !== null)
    .map((each) => words[each] ?? each)
    .join(' → ');
}

const words: Record<string, string> = { true: 'yes', false: 'no', '': 'none' };

/** Whom or what an event is about, unless that is plain. */
function aboutOf({ subjectType, subjectId, owner, ownerId }: Event, viewerId: string): string | null {
  if (ownerId !== null && ownerId !== viewerId) {
    const whose = owner === null ? `an account that is gone, ${ownerId}` : owner.name;
    return subjectType === 'USER' ? whose : `Of ${whose}`;
  }
  return subjectType === 'TOKEN' ? subjectId : null;
}

function actorOf({ actor, actorId, via }: Event, viewerId: string): string {
  if (actor !== null) {
    return actor.id === viewerId ? 'You' : actor.name;
  }
  if (actorId !== null) {
    return 'An account that is gone';
  }
  const others = { GRAPHQL: 'Somebody', COMMAND_LINE: 'The operator', START: 'The server', JOB: 'The server' };
  return others[via];
}
