import type { Module } from './module.js';
import { plans } from './plans/index.js';
import { posts } from './posts/index.js';
import { sessions } from './sessions/index.js';
import { settings } from './settings/index.js';
import { tokens } from './tokens/index.js';
import { users } from './users/index.js';
import { viewer } from './viewer/index.js';

/** The features of this server, one line each. */
export const modules: readonly Module[] = [users, sessions, viewer, settings, tokens, plans, posts];
