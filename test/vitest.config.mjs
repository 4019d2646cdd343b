import { defineConfig } from 'vitest/config'

// Pool `forks`, because the tests own children and signals; files run one after the other only in the acceptance suite.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'test/unit/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
            'test/architecture/**/*.test.ts',
            'test/config/**/*.test.ts',
          ],
        },
      },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'acceptance', include: ['test/acceptance/**/*.test.ts'], testTimeout: 90_000, maxWorkers: 2 },
      },
    ],
  },
})
