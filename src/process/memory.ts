import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what the server needs. The old generation may grow by half before it is collected, where V8 lets it
 * grow fourfold, and the young one stays as large as the start has made it. Few objects outlive their request, so the
 * collections are short all the same.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--semi-space-growth-factor=1');
}
