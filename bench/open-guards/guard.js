// The query keeps the hook from replacing this import, too.
import { Guard as RealGuard } from '../../dist/src/access/guard.js?real';
import { open } from '../../dist/src/access/rules.js';

export * from '../../dist/src/access/guard.js?real';

/** Forgets the rules that it is given and lets everyone in. */
export function Guard() {
  return RealGuard(open('bench'));
}
