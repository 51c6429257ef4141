/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They need a browser, several processes, a PostgreSQL of their own or much time: `npm run test:console`,
  // `test:security`, `test:faults`.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/console/',
    '<rootDir>/test/security/',
    '<rootDir>/test/faults/',
  ],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
  setupFiles: ['<rootDir>/test/property-seed.ts'],
  testTimeout: 30_000,
  maxWorkers: '100%',
  // Modules and databases of finished files stay in a worker's memory until it is replaced.
  workerIdleMemoryLimit: '1GB',
};
