import type { Plugin } from 'vite';
import { addresses } from '../src/addresses.js';

/** Writes `addresses.json`, from which the server learns which addresses are pages. */
export function addressList(): Plugin {
  return {
    name: 'address-list',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'addresses.json', source: JSON.stringify(Object.values(addresses)) });
    },
  };
}
