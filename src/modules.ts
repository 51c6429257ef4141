// The features of this server, one line each.
export { audit } from './audit/index.js';
export { plans } from './plans/index.js';
export { posts } from './posts/index.js';
export { sessions } from './sessions/index.js';
export { settings } from './settings/index.js';
export { tokens } from './tokens/index.js';
export { users } from './users/index.js';
export { viewer } from './viewer/index.js';
