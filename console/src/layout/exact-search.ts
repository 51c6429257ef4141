import type { BrowserSearchHook } from 'wouter/use-browser-location';
import { useHeldQuery } from './held-address.js';

/**
 * The query as it stands in the address. The router decodes it as a whole before it is taken apart, which would make two
 * parameters of an encoded `&`; so it is encoded once more for it.
 */
export const useExactSearch: BrowserSearchHook = () => useHeldQuery().replaceAll('%', '%25');
