import { expect, test } from 'vitest'
import { preferredCoding } from '../../../src/http/accept.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip;q=0', undefined],
  ['br, gzip', 'br'],
  ['gzip, br', 'br'],
  ['GZIP, deflate', 'gzip'],
  ['br;q=0.5, gzip', 'gzip'],
  ['br ; q=0.8, gzip;q=0.8', 'br'],
  ['*', 'br'],
  ['*, br;q=0', 'gzip'],
  ['*;q=0', undefined],
  ['gzip;q=0.5, identity', undefined],
  ['gzip;q=0.5, identity;q=0.2', 'gzip'],
  ['identity;q=0', undefined],
  ['gzip;q=2', undefined],
  ['gzip;q=x', undefined],
  ['gzip;q=0.001', 'gzip'],
])('of br and gzip, in this order, Accept-Encoding %j likes best %j', (field, coding) => {
  expect(preferredCoding(field, ['br', 'gzip'])).toBe(coding)
})
