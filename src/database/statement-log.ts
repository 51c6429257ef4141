import type { Logger } from '@mikro-orm/core';
import { requestScope } from '../telemetry/request-scope.js';

const nothing = () => {};

/** Puts the statements of the unit of work into the trace of their request, as MikroORM tells of them: without values. */
export const statementLog: Logger = {
  log: nothing,
  error: nothing,
  warn: nothing,
  setDebugMode: nothing,
  isEnabled: () => false,
  logQuery: ({ query, took, level }) => {
    if (query !== undefined && took !== undefined) {
      const error = level === 'error' ? '_OTHER' : null;
      requestScope.getStore()?.trace?.statement(query, performance.now() - took, error);
    }
  },
};
