import { addresses } from '../../addresses.js';

/** The page of a token of one's own. */
export function tokenAddress(id: string): string {
  return addresses.token.replace(':id', encodeURIComponent(id));
}

/** The form for a new token, filled in; what is left out is as the settings say. */
export function newTokenAddress(filled: { readonly name?: string; readonly abilities?: readonly string[] }): string {
  const { name, abilities } = filled;
  const params = new URLSearchParams();
  if (name !== undefined) {
    params.set('name', name);
  }
  if (abilities !== undefined) {
    params.set('abilities', abilities.join(','));
  }
  return `${addresses.newToken}?${params}`;
}
