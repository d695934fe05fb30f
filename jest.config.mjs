/** ESM TypeScript through swc; one Temporal dev server serves the whole run (test/support/global-setup.ts). */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.build-'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testEnvironment: 'node',
  testTimeout: 60_000,
  // Most tests wait for processes and servers more than they compute: a third worker takes a quarter off two cores' time.
  maxWorkers: 3,
  reporters: ['default', '<rootDir>/test/support/reporter.cjs'],
};
