/** Whom the server takes the sender for. */
export type RunAs =
  | { readonly kind: 'myself' }
  | { readonly kind: 'token'; readonly token: { readonly id: string; readonly name: string } | null }
  | { readonly kind: 'abilities'; readonly names: readonly string[] };

/** The `X-Run-As` header that says so; null for the session itself or a guest, undefined while no token is chosen. */
export function headerOf(runAs: RunAs): string | null | undefined {
  switch (runAs.kind) {
    case 'myself':
      return null;
    case 'token':
      return runAs.token === null ? undefined : `token=${runAs.token.id}`;
    case 'abilities':
      return `abilities=${runAs.names.join(',')}`;
  }
}
