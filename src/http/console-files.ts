import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** In the order in which the server prefers them. */
export const encodings = ['br', 'gzip', 'identity'] as const;

export type Encoding = (typeof encodings)[number];

/** One form of a file, ready to be sent. */
export interface Variant {
  readonly body: Buffer;
  readonly etag: string;
}

/** A file whose name changes with its content. */
export interface Asset {
  readonly type: string;
  readonly variants: Readonly<Partial<Record<Encoding, Variant>>> & { readonly identity: Variant };
}

/** The built console, in memory. */
export interface ConsoleFiles {
  /** The one HTML page; `{nonce}` stands where each answer has a value of its own, `{playground}` for the setting. */
  readonly page: string;
  /** The addresses of its pages, as patterns: `/tokens/:id`. */
  readonly addresses: readonly string[];
  /** By their addresses. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
};

const endings: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz', identity: '' };

/** Reads what `bin/console.js` has built; null when there is nothing. */
export async function readConsole(folder: string): Promise<ConsoleFiles | null> {
  const list = join(folder, 'addresses.json');
  if (!existsSync(list)) {
    return null;
  }
  const assets = join(folder, 'assets');
  const names = (await readdir(assets)).filter((name) => extname(name) in types);
  return {
    page: await readFile(join(folder, 'index.html'), 'utf8'),
    addresses: JSON.parse(await readFile(list, 'utf8')) as string[],
    assets: new Map(
      await Promise.all(
        names.map(async (name) => [`/assets/${name}`, await readAsset(join(assets, name))] as [string, Asset]),
      ),
    ),
  };
}

async function readAsset(path: string): Promise<Asset> {
  const variants: Partial<Record<Encoding, Variant>> = {};
  for (const encoding of encodings) {
    const file = path + endings[encoding];
    if (encoding === 'identity' || existsSync(file)) {
      const body = await readFile(file);
      variants[encoding] = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
    }
  }
  return { type: types[extname(path)] ?? 'application/octet-stream', variants: variants as Asset['variants'] };
}
