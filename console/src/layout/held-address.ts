import { useLayoutEffect } from 'react';
import { type BrowserLocationHook, navigate, useLocationProperty } from 'wouter/use-browser-location';

/** The address that the page holds, if it holds one. */
let held: Pick<Location, 'pathname' | 'search'> | undefined;

/**
 * The address that the router goes by. A browser changes its own before it says so, and whoever looked in between would
 * take a page away that holds its address; only the application itself leads away from there.
 */
export const useHeldLocation: BrowserLocationHook = () => [
  useLocationProperty(() => (held ?? window.location).pathname),
  leave,
];

/** The query of that address, with its question mark. */
export function useHeldQuery(): string {
  return useLocationProperty(() => (held ?? window.location).search);
}

/** Keeps the page where it is: reloading and closing ask first, and the way back leads to this very page. */
export function useHold(active: boolean): void {
  useLayoutEffect(() => {
    if (!active) {
      return;
    }
    const { href, pathname, search } = window.location;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    const hold = () => window.history.pushState(null, '', href);
    hold();
    held = { pathname, search };
    window.addEventListener('beforeunload', ask);
    // Before the router hears of it.
    window.addEventListener('popstate', hold, { capture: true });
    return () => {
      held = undefined;
      window.removeEventListener('beforeunload', ask);
      window.removeEventListener('popstate', hold, { capture: true });
    };
  }, [active]);
}

const leave: typeof navigate = (to, options) => {
  held = undefined;
  navigate(to, options);
};
