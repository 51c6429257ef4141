const prefix = 'latchkey-kept:';

/** Where the browser keeps what somebody works on. */
export interface Kept {
  readonly length: number;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
}

/** How often everything was forgotten since the page was loaded. */
let forgotten = 0;

/** The other tabs: what they wrote after somebody signed out here would stay. */
const otherTabs = new BroadcastChannel('latchkey-kept');
otherTabs.addEventListener('message', forgetHere);

/** A user's own part of the storage, until they sign out; a guest's goes with the tab. */
export function keptFor(userId: string | null): Kept {
  const since = forgotten;
  const storage = userId === null ? sessionStorage : localStorage;
  const mine = `${prefix}${userId ?? 'guest'}:`;
  return {
    get length() {
      return keysOf(storage, mine).length;
    },
    getItem: (key) => storage.getItem(mine + key),
    setItem(key, value) {
      // The editors write a moment after a change, which may be after somebody has signed out.
      if (since === forgotten) {
        storage.setItem(mine + key, value);
      }
    },
    removeItem: (key) => storage.removeItem(mine + key),
    clear: () => remove(storage, mine),
  };
}

/** Removes everything that the browser keeps, whosever it is: the next one in front of it may be somebody else. */
export function forgetKept(): void {
  otherTabs.postMessage('forget');
  forgetHere();
}

function forgetHere(): void {
  forgotten += 1;
  remove(localStorage, prefix);
  remove(sessionStorage, prefix);
}

function keysOf(storage: Storage, start: string): string[] {
  return Object.keys(storage).filter((key) => key.startsWith(start));
}

function remove(storage: Storage, start: string): void {
  for (const key of keysOf(storage, start)) {
    storage.removeItem(key);
  }
}
