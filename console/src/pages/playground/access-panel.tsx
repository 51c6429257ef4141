import { tryParseJSONC, useGraphiQL } from '@graphiql/react';
import { Anchor, Button, Text } from '@mantine/core';
import { useState } from 'react';
import { addresses } from '../../addresses.js';
import { withNext } from '../../auth/next.js';
import { useViewer } from '../../auth/viewer.js';
import { CopyButton } from '../../layout/copy-button.js';
import classes from './access-panel.module.css';
import { curlCommand } from './curl.js';
import { Needs } from './needs.js';
import { headerOf, type RunAs } from './run-as.js';
import { RunAsChoice } from './run-as-choice.js';
import { usePlan } from './use-plan.js';

interface Props {
  readonly runAs: RunAs;
  readonly onRunAs: (runAs: RunAs) => void;
}

/** As whom the document is run, what it needs, and how it gets out of here. */
export function AccessPanel({ runAs, onRunAs }: Props) {
  const { user } = useViewer();
  const planning = usePlan(headerOf(runAs));
  const [opened, setOpened] = useState(false);
  const createTokenPath = planning.failure === null ? planning.plan?.createTokenPath : null;
  return (
    <aside className={classes.panel} aria-label="Access" data-opened={opened || undefined}>
      {user === null ? <AsGuest /> : <RunAsChoice runAs={runAs} onRunAs={onRunAs} />}
      <Needs runAs={runAs} planning={planning} opened={opened} onOpened={setOpened} />
      <div className={classes.ways}>
        {createTokenPath != null && (
          // Not to the abilities of an older document.
          <Button
            component="a"
            href={planning.stale ? undefined : createTokenPath}
            role={planning.stale ? 'link' : undefined}
            aria-disabled={planning.stale || undefined}
            data-disabled={planning.stale || undefined}
            size="xs"
            fullWidth
          >
            Create a token for this query
          </Button>
        )}
        <CopyCurl operationName={planning.operationName} />
      </div>
    </aside>
  );
}

function AsGuest() {
  return (
    <section className={classes.choice} aria-labelledby="run-as">
      <Text component="h2" id="run-as" className={classes.heading}>
        Run as
      </Text>
      <Text className={classes.quiet}>
        A guest.{' '}
        <Anchor inherit href={withNext(addresses.login, addresses.playground)}>
          Sign in
        </Anchor>{' '}
        to run as yourself or as one of your tokens.
      </Text>
    </section>
  );
}

function CopyCurl({ operationName }: { readonly operationName: string | null }) {
  const { query, variables } = useGraphiQL(({ tabs, activeTabIndex }) => ({
    query: tabs[activeTabIndex]?.query ?? '',
    variables: tabs[activeTabIndex]?.variables ?? '',
  }));
  const read = readVariables(variables);
  if (read === null) {
    return <Text className={classes.quiet}>The variables are no JSON yet, so there is nothing to copy.</Text>;
  }
  const command = curlCommand(window.location.origin, {
    query,
    ...(read.value === undefined ? {} : { variables: read.value }),
    ...(operationName === null ? {} : { operationName }),
  });
  return <CopyButton text={command} label="Copy as curl" variant="default" size="xs" fullWidth />;
}

/** Null when the text is no JSON, comments allowed. */
function readVariables(text: string): { readonly value: unknown } | null {
  try {
    return { value: tryParseJSONC(text) };
  } catch {
    return null;
  }
}
