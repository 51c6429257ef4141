import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type Ref, useImperativeHandle } from 'react';

/** Has the tab that is open hold what its editors hold, with the operation of this name. */
export type BringUpToDate = (operationName: string | null) => void;

/**
 * The editors tell their tab of a change a moment later, and the history takes from the tab what is run: without this
 * it would keep an older document than the one that was run.
 */
export function OpenTab({ ref }: { readonly ref: Ref<BringUpToDate> }) {
  const { updateActiveTabValues } = useGraphiQLActions();
  const { tab, queryEditor, variableEditor } = useGraphiQL(({ tabs, activeTabIndex, ...state }) => ({
    tab: tabs[activeTabIndex],
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));

  useImperativeHandle(ref, () => (operationName) => {
    const query = queryEditor?.getValue() ?? tab?.query ?? null;
    const variables = variableEditor?.getValue() ?? '';
    // To the history no variables and an empty text are two different things.
    const changed = variables === (tab?.variables ?? '') ? {} : { variables };
    updateActiveTabValues({ query, operationName, ...changed });
  });

  return null;
}
