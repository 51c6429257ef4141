export function binaries(): string | undefined;
export function unprivileged(): { uid?: number; gid?: number };
