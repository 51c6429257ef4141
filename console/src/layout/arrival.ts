import { type RefObject, useEffect } from 'react';

let arrivals = 0;
let byHistory = false;
window.addEventListener('popstate', () => {
  byHistory = true;
});
// The router's own event.
window.addEventListener('pushState', () => {
  byHistory = false;
});

/** Names the page, and after a navigation tells screen readers so: its heading gets the focus. */
export function useArrival(title: string, heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);

  useEffect(() => {
    arrivals += 1;
    // The first page is announced by the browser; with the back button the browser finds the place again.
    if (arrivals > 1) {
      if (!byHistory) {
        window.scrollTo(0, 0);
      }
      heading.current?.focus({ preventScroll: true });
    }
  }, [heading]);
}
