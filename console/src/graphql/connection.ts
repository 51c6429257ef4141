/** Whether the server can be reached, and when it can be again. */

type Listener = () => void;

const firstWaitMs = 1_000;
const longestWaitMs = 15_000;
const listeners = new Set<Listener>();
let lost = false;
let waitMs = firstWaitMs;
let timer: ReturnType<typeof setTimeout> | undefined;

/** `fetch` that notices when nobody answers. */
export async function watchedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init);
    // A proxy in front of the server answers with a page of its own while the server is away.
    const fromServer = response.headers.get('content-type')?.includes('json') ?? false;
    settle(!fromServer && response.status >= 500);
    return response;
  } catch (error) {
    if (!(init?.signal?.aborted ?? false)) {
      settle(true);
    }
    throw error;
  }
}

/** Tells whenever the connection is lost or back; returns the way to stop. */
export function onConnectionChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isConnectionLost(): boolean {
  return lost;
}

/** Asks the server at once, without waiting for the next attempt. */
export function askAgain(): void {
  clearTimeout(timer);
  const body = JSON.stringify({ query: '{ viewer { kind } }' });
  watchedFetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => {});
}

function settle(isLost: boolean): void {
  const changed = isLost !== lost;
  lost = isLost;
  clearTimeout(timer);
  if (lost) {
    timer = setTimeout(askAgain, waitMs);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  } else {
    waitMs = firstWaitMs;
  }
  if (changed) {
    for (const listener of listeners) {
      listener();
    }
  }
}

window.addEventListener('online', askAgain);
