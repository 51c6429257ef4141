import type { Module } from '../module.js';
import { ViewerResolver } from './viewer.resolver.js';

/** Who is asking, as the API tells it to the one who asks. */
export const viewer: Module = {
  name: 'viewer',
  resolvers: [ViewerResolver],
};
