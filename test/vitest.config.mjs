import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** The engine that nobody has to choose, and the other one: whoever changes over sees the same. */
function acceptance(name, env, exclude = []) {
  return {
    extends: true,
    test: {
      name,
      env,
      include: ['test/acceptance/**/*.test.ts'],
      exclude,
      testTimeout: 90_000,
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  }
}

// Pool `forks`, because the tests own children and signals. The quick projects come first and take every core; the others
// run daemons and apps of their own, two files at a time. No test is tried a second time unless it says why: see
// support/retried.ts.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    pool: 'forks',
    // Also on two cores: many of these wait for a process. `npm run check`, which runs nothing else, takes more.
    maxWorkers: Math.max(Number(process.env.ANCMD_TEST_WORKERS ?? 2), availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Ends broken runs only.
    expect: { poll: { timeout: 15_000 } },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // One load of the modules for all files of a worker: half of the time, and no test leaves anything in a module.
          isolate: false,
          include: ['test/unit/**/*.test.{ts,mjs}', 'test/architecture/**/*.test.ts', 'test/config/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'] } },
      acceptance('acceptance', {}),
      // The package is the same for both.
      acceptance('acceptance of http-proxy', { ANCM_TEST_ENGINE: 'http-proxy' }, ['test/acceptance/package.test.ts']),
      {
        extends: true,
        test: {
          name: 'faults',
          // They look into /proc all the time.
          include: process.platform === 'linux' ? ['test/faults/**/*.test.ts'] : [],
          testTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
