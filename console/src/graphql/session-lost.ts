import { createContext } from 'react';

/** What an operation does that finds the session gone: resolves to true once somebody has signed in again. */
export const SessionLost = createContext<() => Promise<boolean>>(async () => false);
