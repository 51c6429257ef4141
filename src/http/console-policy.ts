import { createHash } from 'node:crypto';

/** The page of the editor, whose library makes style elements that know no nonce. */
export const playground = '/playground';

/**
 * The Content-Security-Policy of a page of the console. Scripts come from files of ours, and from those inline scripts
 * that the page was built with; styles from files of ours and from elements that carry the nonce of this very answer.
 */
export function consolePolicy(address: string, nonce: string, scriptHashes: readonly string[]): string {
  const isEditor = address === playground;
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...scriptHashes.map((hash) => `'${hash}'`)].join(' ')}`,
    `style-src 'self' ${isEditor ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    ...(isEditor ? ["worker-src 'self'"] : []),
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** What a policy calls the inline scripts of a page: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
export function inlineScriptHashes(page: string): string[] {
  return [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `sha256-${createHash('sha256').update(text).digest('base64')}`,
  );
}
