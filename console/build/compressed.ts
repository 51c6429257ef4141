import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Puts a `.br` and a `.gz` beside every asset that becomes smaller by it. */
export function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.keys(bundle).filter((file) => /^assets\/.*\.(js|css|svg)$/.test(file));
      await Promise.all(
        files.map(async (file) => {
          const path = join(dir, file);
          const bytes = await readFile(path);
          const [br, gz] = await Promise.all([
            // The highest levels win little and cost seconds with the editor's files.
            brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
            zip(bytes, { level: 9 }),
          ]);
          await Promise.all([
            br.length < bytes.length && writeFile(`${path}.br`, br),
            gz.length < bytes.length && writeFile(`${path}.gz`, gz),
          ]);
        }),
      );
    },
  };
}
