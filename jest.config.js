import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
delete swc.exclude;

/** One project a test layer; all share the transform. Database layers get a template cluster from their global set-up. */
const common = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'es6' } }] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^#sdk/(.*)\\.js$': '<rootDir>/src/sdk/$1.ts',
  },
  setupFiles: ['<rootDir>/test/harness/setup.js'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const database = { globalSetup: '<rootDir>/test/harness/global-setup.js', globalTeardown: '<rootDir>/test/harness/global-teardown.js' };

export default {
  coverageProvider: 'v8',
  workerIdleMemoryLimit: '512MB',
  maxWorkers: 2,
  // A limit against hanging, not a measure of speed: the machine may be busy.
  testTimeout: 60_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{src,connectors,playbooks,rules,test/harness}/**/*.spec.ts'] },
    { ...common, ...database, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...common, ...database, displayName: 'e2e', testMatch: ['<rootDir>/test/{crash,e2e}/**/*.test.ts'] },
  ],
};
