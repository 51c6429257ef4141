import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before the first file: an empty file for the results of this run. */
export default function setup() {
  process.env.LATCHKEY_FAULTS_RESULTS = join(mkdtempSync(join(tmpdir(), 'latchkey-faults-')), 'results.jsonl');
}
