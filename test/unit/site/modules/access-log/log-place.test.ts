import { expect, test } from 'vitest'
import type { LogFileConfig } from '../../../../../src/config/host-settings.ts'
import { SiteFolder } from '../../../../../src/site/modules/access-log/log-place.ts'

const daily: LogFileConfig = {
  logFormat: 'W3C',
  directory: undefined,
  period: 'Daily',
  truncateSize: 1_048_576,
  localTimeRollover: false,
}
const time = Date.UTC(2026, 10, 21, 23, 59, 59, 999)

test.each([
  ['W3C', 'Daily', 'u_ex261121.log'],
  ['NCSA', 'Daily', 'u_nc261121.log'],
  ['JSON', 'Daily', 'u_js261121.log'],
  ['W3C', 'Hourly', 'u_ex26112123.log'],
  ['W3C', 'Weekly', 'u_ex261103.log'],
  ['W3C', 'Monthly', 'u_ex2611.log'],
  ['W3C', 'MaxSize', 'u_extend1.log'],
] as const)('a file of the format %s and the period %s is named %s', (logFormat, period, name) => {
  expect(new SiteFolder('/logs', 7, { ...daily, logFormat, period }).fileAt(time)).toBe(`/logs/W3SVC7/${name}`)
})

test('the day changes at midnight of UTC', () => {
  const place = new SiteFolder('/logs', 7, daily)
  expect(place.fileAt(time)).toBe('/logs/W3SVC7/u_ex261121.log')
  expect(place.fileAt(time + 1)).toBe('/logs/W3SVC7/u_ex261122.log')
})

test('with the period MaxSize the next file begins when one is full', () => {
  const place = new SiteFolder('/logs', 7, { ...daily, period: 'MaxSize' })
  place.fileAt(time)
  place.grew(1_048_575)
  expect(place.fileAt(time)).toBe('/logs/W3SVC7/u_extend1.log')
  place.grew(1_048_576)
  expect(place.fileAt(time)).toBe('/logs/W3SVC7/u_extend2.log')
})
