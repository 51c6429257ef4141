import config from './jest.config.js';

/** @type {import('jest').Config} Attacks that need a real browser, or more time than a unit test may take. */
export default {
  ...config,
  roots: ['<rootDir>/test/security'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
};
