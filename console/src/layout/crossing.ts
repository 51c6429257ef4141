import type { AroundNavHandler } from 'wouter';
import { addresses } from '../addresses.js';

/**
 * A policy belongs to the document that was loaded and not to the address, and the Playground has one of its own: the
 * way there and the way back load a new document.
 */
export const crossing: AroundNavHandler = (navigate, to, options) => {
  const isSame = isPlayground(window.location.pathname) === isPlayground(new URL(to, window.location.href).pathname);
  if (isSame) {
    navigate(to, options);
  } else if (options?.replace) {
    window.location.replace(to);
  } else {
    window.location.assign(to);
  }
};

function isPlayground(path: string): boolean {
  return path === addresses.playground;
}
