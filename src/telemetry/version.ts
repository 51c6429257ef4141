import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of the package; `unknown` where its file is missing. */
export function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  const { version } = JSON.parse(path === undefined ? '{}' : readFileSync(path, 'utf8')) as { version?: string };
  return version ?? 'unknown';
}
