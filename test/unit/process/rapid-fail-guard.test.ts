import { expect, test } from 'vitest'
import { RapidFailGuard } from '../../../src/process/rapid-fail-guard.ts'

/** How many failures go through within one window before a start is refused. */
function failuresUntilBlocked(limit: number): number {
  const guard = new RapidFailGuard(limit, 0)
  for (let failures = 0; ; failures++) {
    if (guard.blocks(1)) return failures
    guard.count()
  }
}

test.each([
  [0, 1],
  [1, 2],
  [5, 6],
  [10, 11],
  [100, 101],
])('a limit of %i lets failures through and blocks after the %ith', (limit, failures) => {
  expect(failuresUntilBlocked(limit)).toBe(failures)
})

test('the window does not slide: one minute after it began the count is zero again', () => {
  const guard = new RapidFailGuard(0, 1000)
  guard.count()
  expect(guard.blocks(60_999)).toBe(true)
  expect(guard.blocks(61_000)).toBe(false)
  guard.count()
  expect(guard.blocks(61_001)).toBe(true)
})

test('the window is renewed only when a start is wanted', () => {
  const guard = new RapidFailGuard(1, 0)
  expect(guard.blocks(200_000)).toBe(false)
  guard.count()
  guard.count()
  expect(guard.blocks(259_999)).toBe(true)
  expect(guard.blocks(260_000)).toBe(false)
})
