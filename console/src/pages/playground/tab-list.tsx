import { useGraphiQL } from '@graphiql/react';
import { useLayoutEffect } from 'react';

/**
 * The editor says that each of its tabs is a tab and puts two buttons into it, which a screen reader then does not
 * reach. What it makes is a list of buttons, so this is what we say.
 */
export function TabList() {
  const { tabs, activeTabIndex } = useGraphiQL((state) => ({
    tabs: state.tabs,
    activeTabIndex: state.activeTabIndex,
  }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: with the tabs what stands for them is new.
  useLayoutEffect(() => {
    document.querySelector('.graphiql-tabs')?.setAttribute('role', 'list');
    document.querySelectorAll('.graphiql-tab').forEach((tab, index) => {
      tab.removeAttribute('role');
      tab.removeAttribute('aria-selected');
      tab.querySelector('.graphiql-tab-button')?.setAttribute('aria-current', String(index === activeTabIndex));
    });
  }, [tabs, activeTabIndex]);

  return null;
}
