import { defineConfig } from 'vitest/config';

/** `npm run test:alarms`. On its own, because it waits for whole minutes of the service's time. */
export default defineConfig({
  test: {
    include: ['test/alarms/*.suite.ts'],
    globalSetup: ['test/support/shared-folder.ts'],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
