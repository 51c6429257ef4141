import { type RequestScope, requestScope } from '../telemetry/request-scope.js';

/** Why the process stops: with the exit code that it then has. */
export interface StopReason {
  readonly exitCode: number;
  /** What went wrong; absent when someone asked for the stop. */
  readonly error?: unknown;
}

const forceAfterMs = 10_000;
/** A terminal and npm both pass one Ctrl-C on, so a second signal this soon is the same one. */
const echoMs = 500;

/**
 * Resolves on the first SIGINT or SIGTERM, or on an error that nobody caught. From then on the process has ten seconds
 * beside `drainMs` to end by itself; another signal ends it at once. A promise that a request let go of is told to `onLost` and stops nothing.
 */
export function stopRequested(
  onLost: (error: unknown, request: RequestScope) => void,
  drainMs: number,
): Promise<StopReason> {
  return new Promise((resolve) => {
    let since: number | undefined;
    const begin = (reason: StopReason) => {
      since = Date.now();
      setTimeout(() => process.exit(1), forceAfterMs + drainMs).unref();
      resolve(reason);
    };
    const onSignal = () => {
      if (since === undefined) {
        begin({ exitCode: 0 });
      } else if (Date.now() - since > echoMs) {
        process.exit(1);
      }
    };
    const onError = (error: unknown) => {
      if (since === undefined) {
        begin({ exitCode: 1, error });
      }
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    const onRejection = (error: unknown) => {
      const request = requestScope.getStore();
      if (request === undefined) {
        onError(error);
      } else {
        onLost(error, request);
      }
    };
    process.on('uncaughtException', onError).on('unhandledRejection', onRejection);
  });
}
