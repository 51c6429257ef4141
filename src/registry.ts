import type { Module } from './module.js';
import * as registered from './modules.js';

/** Every feature that modules.ts names. */
export const modules: readonly Module[] = Object.values(registered);
