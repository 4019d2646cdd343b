import { expect, test } from 'vitest'
import { readDuration, shortSpan } from '../../../../src/cli/remote/duration.ts'

test.each([
  ['500ms', 500],
  ['60s', 60_000],
  ['60', 60_000],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['0.5ms', 1],
])('%s is %i ms', (text, ms) => {
  expect(readDuration('timeout', text)).toEqual({ ok: true, value: ms })
})

test.each([
  '',
  '0',
  '0s',
  '-1s',
  '1 s',
  's',
  '1w',
  '1m30s',
  '10M',
  '1e3',
  '9999999999s',
  '1.2345s',
  'Infinity',
])('%j is refused, and the option is named', (text) => {
  const read = readDuration('timeout', text)
  expect(read.ok ? '' : read.failure.message).toBe(`option --timeout takes a time as 500ms, 60s or 10m, not '${text}'`)
})

test.each([
  [-5, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m 0s'],
  [3_599_999, '59m 59s'],
  [3_600_000, '1h 0m'],
  [86_399_999, '23h 59m'],
  [86_400_000, '1d 0h'],
  [300_000_000, '3d 11h'],
])('%i ms are shown as %s', (ms, text) => {
  expect(shortSpan(ms)).toBe(text)
})
