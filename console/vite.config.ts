import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { addressList } from './build/address-list.js';
import { compressed } from './build/compressed.js';
import { preloadedFont } from './build/preloaded-font.js';

const server = `http://127.0.0.1:${process.env.PORT ?? 4000}`;

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [preloadedFont('geist-latin-wght-normal'), addressList(), compressed()],
  // The server puts a new value here with every page, for the style elements that Mantine makes.
  html: { cspNonce: '{nonce}' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The policy allows no `data:` but for images, and a file of its own is kept by browsers.
    assetsInlineLimit: 0,
    target: 'es2023',
    reportCompressedSize: false,
    // The editor of the Playground is as large as this.
    chunkSizeWarningLimit: 3_000,
    modulePreload: { polyfill: false },
    // Mantine marks every file with "use client".
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  // For `npm run dev`: the editor's workers are made from files as they are, but not from CommonJS.
  optimizeDeps: {
    exclude: ['graphiql/setup-workers/vite', '@graphiql/react/setup-workers/vite'],
    include: ['graphiql > nullthrows', 'graphiql > picomatch-browser'],
  },
  // The generated documents stand outside of this folder.
  server: { fs: { allow: ['..'] }, proxy: { '/graphql': server } },
});
