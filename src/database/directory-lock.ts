import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';

/**
 * Holds a directory for this process alone. The kernel keeps the lock and drops it with the process, however that ends,
 * so a crash leaves nothing to clean up.
 */
export class DirectoryLock {
  private constructor(private readonly descriptor: number) {}

  /** Null when another process still holds the directory after `patienceMs`. */
  static async acquire(directory: string, patienceMs: number): Promise<DirectoryLock | null> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const descriptor = openSync(join(directory, 'lock'), 'a', 0o600);
    for (const deadline = Date.now() + patienceMs; ; await sleep(100)) {
      if (tryLock(descriptor)) {
        return new DirectoryLock(descriptor);
      }
      if (Date.now() >= deadline) {
        closeSync(descriptor);
        return null;
      }
    }
  }

  release(): void {
    unlock(this.descriptor);
    closeSync(this.descriptor);
  }
}
