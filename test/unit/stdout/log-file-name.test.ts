import { expect, test } from 'vitest'
import { logFileName } from '../../../src/stdout/log-file-name.ts'

const at = new Date('2024-01-31T09:45:02.999Z')

test('a name has the prefix, the UTC time and the pid of the daemon', () => {
  expect(logFileName('/srv/www/logs/stdout', at, 1928, 0)).toBe('/srv/www/logs/stdout_20240131094502_1928.log')
})

test('numbers are zero-padded', () => {
  expect(logFileName('x', new Date('2024-03-04T05:06:07Z'), 1, 0)).toBe('x_20240304050607_1.log')
})

test('a name that exists already gets a counter', () => {
  expect(logFileName('x', at, 1928, 1)).toBe('x_20240131094502_1928_2.log')
  expect(logFileName('x', at, 1928, 9)).toBe('x_20240131094502_1928_10.log')
})
