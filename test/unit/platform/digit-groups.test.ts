import { expect, test } from 'vitest'
import { digitGroups } from '../../../src/platform/digit-groups.ts'

test.each([
  0, 999, 1000, 30_000_000, 4_294_967_295, 123_456_789_012,
])('%i is grouped as English readers expect', (number) => {
  expect(digitGroups(number)).toBe(number.toLocaleString('en'))
})
