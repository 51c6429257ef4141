import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const script = 'console.log("a line that is long enough to be compressed, compressed, compressed, compressed");\n';
const inline = 'document.documentElement.dataset.early = "yes";';
const page = `<!doctype html><title>A console</title><meta name="playground" content="{playground}" /><meta property="csp-nonce" nonce="{nonce}" />
<script nonce="{nonce}">${inline}</script><script type="module" nonce="{nonce}" src="/assets/main-1a2b3c4d.js"></script>`;

/** The script that the page loads and the one that stands in it. */
export const consoleTexts = { script, inline };

/** What the build leaves, in small; returns the folder. */
export function builtConsole(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
  mkdirSync(join(folder, 'assets'));
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  write('index.html', page);
  write('addresses.json', JSON.stringify(['/', '/login', '/tokens/:id', '/playground']));
  write('made-from', 'secret-digest');
  write('assets/main-1a2b3c4d.js', script);
  write('assets/main-1a2b3c4d.js.br', brotliCompressSync(script));
  write('assets/main-1a2b3c4d.js.gz', gzipSync(script));
  write('assets/plain-5e6f7a8b.css', 'p{}');
  write('assets/font-9c0d1e2f.woff2', 'wOF2');
  return folder;
}
