import { type Config, isLoopback } from '../config.js';

/** The parts of a request that say where it comes from. */
export interface OriginHeaders {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** The port on which this server took the request. */
  readonly localPort: number | undefined;
}

/** The origins whose pages may use a session: ours, and those of ALLOWED_ORIGINS. */
export function isAllowedOrigin(config: Config, origin: string, localPort: number | undefined): boolean {
  if (config.allowedOrigins.includes(origin)) {
    return true;
  }
  if (config.publicOrigin !== undefined) {
    return origin === config.publicOrigin;
  }
  const url = URL.parse(origin);
  return (
    url !== null &&
    url.origin === origin &&
    isLoopback(config.host) &&
    isLoopback(url.hostname) &&
    Number(url.port || 80) === localPort
  );
}

/**
 * Whether the request comes from a page that may use a session. `Sec-Fetch-Site` is written by the browser and cannot be
 * forged by a page (https://www.w3.org/TR/fetch-metadata/); older browsers are told by their `Origin`, compared whole.
 */
export function isTrustedOrigin(config: Config, { origin, secFetchSite, localPort }: OriginHeaders): boolean {
  if (origin !== undefined && isAllowedOrigin(config, origin, localPort)) {
    return true;
  }
  return secFetchSite === 'same-origin' || (secFetchSite === 'none' && origin === undefined);
}
