export type Credential = { kind: 'token'; id: string; hash: string } | { kind: 'session'; hash: string };

export function readCredential(headers: { authorization?: string; cookie?: string }): Credential | null;
export function sameHash(a: string, b: string): boolean;
