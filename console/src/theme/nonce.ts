import { setNonce } from 'get-nonce';

const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

/** The value that the page's policy asks of style elements; it is new with every page. */
export function styleNonce(): string {
  return meta?.nonce ?? '';
}

// For the style element with which dialogs hold the page still; it is not made by Mantine itself.
setNonce(styleNonce());
