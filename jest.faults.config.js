import config from './jest.config.js';

/** @type {import('jest').Config} What becomes of the server when something breaks; one test file at a time, for each has processes of its own. */
export default {
  ...config,
  roots: ['<rootDir>/test/faults'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/faults/setup.js',
  globalTeardown: '<rootDir>/test/faults/report.js',
  testTimeout: 120_000,
  maxWorkers: 1,
};
