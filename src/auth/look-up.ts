import DataLoader from 'dataloader';
import { inThisScope } from '../telemetry/request-scope.js';

/** Keys that one statement may carry. */
const largestBatch = 200;

/**
 * Lets requests that arrive together share a statement: while one is under way, those that come meanwhile wait for the
 * next. A statement begins after the last of its requests has arrived and no answer is kept, so what was revoked before a
 * request came is revoked for it. `read` gets distinct keys, and returns what each of them finds.
 */
export function sharedLookUp<Found>(
  read: (keys: readonly string[]) => Promise<(key: string) => Found>,
): (key: string) => Promise<Found> {
  let underWay = false;
  let waiting: (() => void)[] = [];
  const loader = new DataLoader<string, Found>(
    async (keys) => {
      underWay = true;
      try {
        return keys.map(await read([...new Set(keys)]));
      } finally {
        underWay = false;
        const next = waiting;
        waiting = [];
        for (const dispatch of next) {
          dispatch();
        }
      }
    },
    {
      cache: false,
      maxBatchSize: largestBatch,
      batchScheduleFn: (dispatch) => {
        if (underWay) {
          waiting.push(inThisScope(dispatch));
        } else {
          setImmediate(dispatch);
        }
      },
    },
  );
  return (key) => loader.load(key);
}
