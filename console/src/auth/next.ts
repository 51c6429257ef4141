/** The path after sign-in that an address asks for with `?next=`; null unless it is a path of this very origin. */
export function nextPath(search: string): string | null {
  const wanted = new URLSearchParams(search).get('next');
  // Browsers read `//host`, `/\host` and, once tabs and line ends are dropped, their disguises as other origins.
  if (wanted === null || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) {
    return null;
  }
  const url = URL.parse(wanted, window.location.origin);
  return url?.origin === window.location.origin ? url.pathname + url.search + url.hash : null;
}

/** The address of a page for guests that leads back to where they were going. */
export function withNext(page: string, next: string | null): string {
  return next === null ? page : `${page}?${new URLSearchParams({ next })}`;
}
