import { expect, test } from 'vitest'
import { frontLimitsFor } from '../../../src/host/limits.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { openFileLimit } from '../../../src/platform/open-files.ts'

test.each([
  [undefined, 10_000],
  [1_048_576, 10_000],
  [65_536, 10_000],
  [4_096, 1_612],
  [1_024, 384],
  [128, 25],
  [64, 16],
  [10, 16],
])('%s descriptors are enough for %i connections', (openFiles, connections) => {
  expect(frontLimitsFor(openFiles)).toEqual({ ...frontLimits, connections })
})

test.runIf(process.platform === 'linux')('the limit of this process is known', () => {
  expect(openFileLimit()).toBeGreaterThanOrEqual(64)
})
