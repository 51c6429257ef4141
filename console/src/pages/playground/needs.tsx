import { useGraphiQLActions } from '@graphiql/react';
import { Anchor, Button, NativeSelect, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { addresses } from '../../addresses.js';
import { withNext } from '../../auth/next.js';
import { useViewer } from '../../auth/viewer.js';
import { FailureNotice } from '../../form/failure-notice.js';
import type { Failure } from '../../graphql/failure.js';
import classes from './access-panel.module.css';
import { FieldByField } from './field-by-field.js';
import type { RunAs } from './run-as.js';
import type { Plan, Planning } from './use-plan.js';

interface Opening {
  /** Whether more than the summary is shown where there is little room. */
  readonly opened: boolean;
  readonly onOpened: (opened: boolean) => void;
}

interface Props extends Opening {
  readonly runAs: RunAs;
  readonly planning: Planning;
}

/** What the document in the editor needs, and which of it is there. */
export function Needs({ runAs, planning, ...opening }: Props) {
  const { plan, stale, failure, operationNames, operationName } = planning;
  const { setOperationName } = useGraphiQLActions();
  return (
    <section className={classes.needs} aria-labelledby="needs">
      <Text component="h2" id="needs" className={classes.heading}>
        What it needs
      </Text>
      {operationNames.length > 1 && (
        <NativeSelect
          aria-label="Operation"
          size="xs"
          mb="xs"
          data={[...operationNames]}
          value={operationName ?? undefined}
          onChange={(event) => setOperationName(event.currentTarget.value)}
        />
      )}
      {failure === null ? (
        <Known plan={plan} stale={stale} runAs={runAs} {...opening} />
      ) : (
        <Refused failure={failure} runAs={runAs} />
      )}
    </section>
  );
}

interface KnownProps extends Opening {
  readonly plan: Plan | null;
  readonly stale: boolean;
  readonly runAs: RunAs;
}

function Known({ plan, stale, runAs, opened, onOpened }: KnownProps) {
  const { user, isAdministrator } = useViewer();
  if (runAs.kind === 'token' && runAs.token === null) {
    return <Text className={classes.quiet}>Choose a token to see what it would be granted.</Text>;
  }
  if (plan === null) {
    return stale ? <Pending /> : null;
  }
  const isSession = user !== null && runAs.kind === 'myself';
  const lacking = [plan.firstParty && !isSession, plan.administrator && !isAdministrator].filter(Boolean).length;
  return (
    <div className={classes.known} data-stale={stale || undefined}>
      <div className={classes.summary}>
        <Text role="status" size="sm" fw={500} data-lacking={lacking + plan.missing.length > 0 || undefined}>
          {summaryOf(plan, lacking)}
        </Text>
        <Button
          className={classes.toggle}
          variant="default"
          size="compact-xs"
          aria-expanded={opened}
          onClick={() => onOpened(!opened)}
        >
          Details
        </Button>
      </div>
      <div className={classes.details}>
        <ul className={classes.list} aria-label="Needed">
          {plan.firstParty && <Need met={isSession}>A signed-in browser, and no token</Need>}
          {plan.administrator && <Need met={isAdministrator}>An administrator</Need>}
          {plan.missing.map((name) => (
            <Need key={name} met={false}>
              <code>{name}</code>
            </Need>
          ))}
          {plan.granted.map((name) => (
            <Need key={name} met>
              <code>{name}</code>
            </Need>
          ))}
        </ul>
        <Alternatives plan={plan} />
        {plan.policies.length > 0 && (
          <>
            <Text component="h3" className={classes.subheading}>
              Decided record by record
            </Text>
            <ul className={classes.policies}>
              {plan.policies.map((policy) => (
                <li key={policy}>
                  <code>{policy.slice(0, policy.indexOf(':'))}</code> {policy.slice(policy.indexOf(':') + 1)}
                </li>
              ))}
            </ul>
          </>
        )}
        <FieldByField coordinates={plan.coordinates} />
      </div>
    </div>
  );
}

function summaryOf({ missing, granted }: Plan, lacking: number): string {
  const abilities = missing.length + granted.length;
  if (missing.length > 0) {
    return `${missing.length} of ${abilities} ${abilities === 1 ? 'ability is' : 'abilities are'} missing`;
  }
  if (lacking > 0) {
    return 'It would be refused';
  }
  return abilities === 0 ? 'No ability is needed' : abilities === 1 ? 'The ability is granted' : 'All are granted';
}

function Need({ met, children }: { readonly met: boolean; readonly children: ReactNode }) {
  return (
    <li className={classes.need} data-met={met || undefined}>
      <span>{children}</span>
      <span className={classes.word}>{met ? 'granted' : 'missing'}</span>
    </li>
  );
}

/** The other sets that would do, when there are any. */
function Alternatives({ plan }: { readonly plan: Plan }) {
  const shown = new Set([...plan.granted, ...plan.missing]);
  const others = plan.sets.filter((set) => set.length !== shown.size || set.some((name) => !shown.has(name)));
  if (others.length === 0) {
    return null;
  }
  return (
    <Text className={classes.quiet}>
      Instead of these would do:{' '}
      {others.map((set, index) => (
        <span key={set.join()}>
          {index > 0 && '; or '}
          <code>{set.join(', ')}</code>
        </span>
      ))}
      .
    </Text>
  );
}

function Refused({ failure, runAs }: { readonly failure: Failure; readonly runAs: RunAs }) {
  const { user } = useViewer();
  if (user === null && failure.code === 'UNAUTHENTICATED') {
    return (
      <Text className={classes.quiet}>
        <Anchor inherit href={withNext(addresses.login, addresses.playground)}>
          Sign in
        </Anchor>{' '}
        to see what a document needs.
      </Text>
    );
  }
  return <FailureNotice failure={failure} sentence={runAs.kind === 'myself' ? undefined : sentences[failure.code]} />;
}

/** What a refusal means to somebody who runs as a token. */
const sentences: Partial<Record<Failure['code'], string>> = {
  UNAUTHENTICATED: 'The server refuses this token: it has expired, or you are signed out.',
  NOT_FOUND: 'This token is gone.',
};

function Pending() {
  return (
    <div aria-hidden="true">
      <Skeleton height={14} width="60%" mb="sm" />
      <Skeleton height={28} mb={6} />
      <Skeleton height={28} />
    </div>
  );
}
