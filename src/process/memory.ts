import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 how to collect what requests leave behind; before the server is built. What bounds the young generation has to
 * be said when Node starts: `--max-semi-space-size` in the script of `npm start`.
 */
export function tuneCollector(): void {
  // The old generation may grow by half before it is collected, where V8 would let it grow fourfold. Few objects of a
  // request live that long, so the collections are rare and short all the same.
  setFlagsFromString('--heap-growing-percent=50');
  // Literals that have often outlived a collection would be made in the old generation from then on. Of those of a
  // request each keeps alive what it holds, dead as it is, so that up to nine times as much is copied in every collection.
  setFlagsFromString('--no-allocation-site-pretenuring');
}
