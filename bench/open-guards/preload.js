import { registerHooks } from 'node:module';

/**
 * Loaded before the server (`node --import`), so that the very same build starts with every guard open: the module of
 * the `Guard` decorator is replaced, and nothing else. The product has no switch for this, and must not have one.
 */
const guard = new URL('../../dist/src/access/guard.js', import.meta.url).href;
const replacement = new URL('guard.js', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url === guard ? { ...found, url: replacement } : found;
  },
});
