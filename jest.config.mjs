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
  testSequencer: '<rootDir>/test/support/long-first.mjs',
  testTimeout: 60_000,
  // A third made tests that wait for others too slow to see them on two cores.
  maxWorkers: 2,
  // Tests of one file that mostly wait, side by side (test.concurrent).
  maxConcurrency: 5,
  reporters: ['default', '<rootDir>/test/support/reporter.cjs'],
};
