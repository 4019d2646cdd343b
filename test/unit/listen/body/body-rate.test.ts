import { expect, test } from 'vitest'
import { BodyRate } from '../../../../src/listen/body/body-rate.ts'

const limits = { minBodyRate: 240, minBodyRateGraceMs: 5_000 }

/** Asks once a second, up to this one; answers the second in which the client was found too slow. */
function tooSlowAt(seconds: number, waits: (second: number) => boolean, received: (second: number) => number): number {
  const rate = new BodyRate()
  for (let second = 0; second <= seconds; second += 1) {
    if (rate.isTooLow(second * 1_000, waits(second), received(second), limits)) return second
  }
  return Number.POSITIVE_INFINITY
}

test('a client that sends nothing has the grace', () => {
  const waits = (): boolean => true
  expect(tooSlowAt(60, waits, () => 0)).toBe(6)
})

test('a client that sends at the least rate is not too slow, and one that sends a little less is', () => {
  const waits = (): boolean => true
  expect(tooSlowAt(60, waits, (second) => 240 * second)).toBe(Number.POSITIVE_INFINITY)
  expect(tooSlowAt(60, waits, (second) => 239 * second)).toBe(6)
})

test('the rate is an average: what came early counts for later', () => {
  const waits = (): boolean => true
  expect(tooSlowAt(60, waits, () => 2_400)).toBe(11)
})

test('time in which there is no room for more does not count, nor does that in which this changes', () => {
  // Waits at 0 and 1, not at 2, waits from 3 on: what counts is 0 to 1 and from 3 on.
  expect(
    tooSlowAt(
      60,
      (second) => second !== 2,
      () => 0,
    ),
  ).toBe(8)
  expect(
    tooSlowAt(
      60,
      () => false,
      () => 0,
    ),
  ).toBe(Number.POSITIVE_INFINITY)
})
