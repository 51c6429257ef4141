import 'graphiql/setup-workers/vite';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './graphiql.css';
import { useComputedColorScheme } from '@mantine/core';
import { GraphiQL } from 'graphiql';
import { type ComponentProps, useCallback, useRef, useState } from 'react';
import { keptFor } from '../../auth/kept.js';
import { useViewer } from '../../auth/viewer.js';
import { AccessPanel } from './access-panel.js';
import { EditorLook, editorThemes } from './editor-look.js';
import { examples } from './examples.js';
import { type BringUpToDate, OpenTab } from './open-tab.js';
import { chosenOperation, operationNamesIn } from './operations.js';
import { headerOf, type RunAs } from './run-as.js';
import { send } from './send.js';
import { TabList } from './tab-list.js';
import classes from './workbench.module.css';

type Fetcher = ComponentProps<typeof GraphiQL>['fetcher'];

/** Tells the editor's own question for the schema from what somebody runs. */
const schemaOperation = 'PlaygroundSchema';

/** The editor, and beside it what its document needs. */
export default function Workbench() {
  const { user } = useViewer();
  return <UserWorkbench key={user?.id} userId={user?.id ?? null} />;
}

function UserWorkbench({ userId }: { readonly userId: string | null }) {
  const scheme = useComputedColorScheme('light');
  const [runAs, setRunAs] = useState<RunAs>({ kind: 'myself' });
  const header = useRef(headerOf(runAs));
  header.current = headerOf(runAs);
  const bringUpToDate = useRef<BringUpToDate>(null);
  const [{ storage, isNew }] = useState(() => {
    const kept = keptFor(userId);
    return { storage: kept, isNew: kept.length === 0 };
  });

  // The same one for good: the editor asks for the schema anew whenever it gets another.
  const fetcher = useCallback<Fetcher>(async ({ query, variables, operationName }) => {
    // The schema is that of whoever looks at the page, also while they run as a token that may not even ask.
    if (operationName === schemaOperation) {
      return send({ query, variables, operationName }, { runAs: null });
    }
    const as = header.current;
    if (as === undefined) {
      throw new Error('Choose the token to run as.');
    }
    // The editor notices a little later that a name has changed.
    const meant = chosenOperation(operationNamesIn(query), operationName ?? null);
    bringUpToDate.current?.(meant);
    return send({ query, variables, operationName: meant }, { runAs: as });
  }, []);

  return (
    <div className={classes.workbench}>
      <GraphiQL
        fetcher={fetcher}
        introspectionQueryName={schemaOperation}
        storage={storage}
        defaultTabs={[...examples]}
        initialVariables={isNew ? examples[0]?.variables : undefined}
        defaultEditorToolsVisibility
        isHeadersEditorEnabled={false}
        shouldPersistHeaders={false}
        forcedTheme={scheme}
        defaultTheme={scheme}
        editorTheme={editorThemes}
      >
        <GraphiQL.Logo>
          <span />
        </GraphiQL.Logo>
        <EditorLook />
        <TabList />
        <OpenTab ref={bringUpToDate} />
        <AccessPanel runAs={runAs} onRunAs={setRunAs} />
      </GraphiQL>
    </div>
  );
}
