import type { Module } from '../module.js';
import { Session } from './session.entity.js';
import { SessionPolicy } from './session.policy.js';
import { SessionResolver } from './session.resolver.js';
import { SignInResolver } from './sign-in.resolver.js';

/** Browsers that are signed in: login and logout, the list of sessions, and ending them. */
export const sessions: Module = {
  name: 'sessions',
  entities: [Session],
  resolvers: [SessionResolver, SignInResolver],
  nodes: [{ type: 'Session', policy: SessionPolicy }],
};
