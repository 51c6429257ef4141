import config from './jest.config.js';

/** @type {import('jest').Config} The tests of the console, in a real browser. */
export default {
  ...config,
  roots: ['<rootDir>/test/console'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
};
