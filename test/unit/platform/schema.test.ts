import { describe, expect, test } from 'vitest'
import { bool, choice, type Kind, list, nonEmpty, string, timeSpan, uint } from '../../../src/platform/schema.ts'

function readAs<T>(kind: Kind<T>, written: string): T | string {
  const read = kind.read(written)
  return read.ok ? read.value : read.failure
}

describe('a written value', () => {
  test('of text is taken as it is, and refused where it must not be blank', () => {
    expect(readAs(string(), '')).toBe('')
    expect(readAs(nonEmpty('a name'), ' x ')).toBe(' x ')
    expect(readAs(nonEmpty('a name'), ' \t')).toBe('malformed')
  })

  test.each([
    ['true', true],
    ['FALSE', false],
    ['True', true],
    ['1', 'malformed'],
    ['yes', 'malformed'],
    [' true', 'malformed'],
    ['', 'malformed'],
  ])('of a bool: "%s" is %s', (written, expected) => {
    expect(readAs(bool(), written)).toBe(expected)
  })

  test.each([
    ['0', 0],
    ['3600', 3600],
    ['0007', 7],
    ['3601', 'out-of-range'],
    ['-1', 'out-of-range'],
    ['99999999999999999999999', 'out-of-range'],
    ['1.5', 'malformed'],
    ['1e2', 'malformed'],
    ['0x10', 'malformed'],
    ['+1', 'malformed'],
    [' 1', 'malformed'],
    ['', 'malformed'],
    ['١', 'malformed'],
  ])('of a number from 0 to 3600: "%s" is %s', (written, expected) => {
    expect(readAs(uint({ min: 0, max: 3600 }), written)).toBe(expected)
  })

  test.each([
    ['00:02:00', 120_000],
    ['0:2:0', 120_000],
    ['23:59:59', 86_399_000],
    ['360:00:00', 1_296_000_000],
    ['360:00:01', 'out-of-range'],
    ['1.02:03:04', 93_784_000],
    ['15.00:00:00', 1_296_000_000],
    ['16.00:00:00', 'out-of-range'],
    ['1.24:00:00', 'malformed'],
    ['00:60:00', 'malformed'],
    ['00:00:60', 'malformed'],
    ['00:02', 'malformed'],
    ['120', 'malformed'],
    ['-00:02:00', 'malformed'],
    ['00:02:00.5', 'malformed'],
    ['', 'malformed'],
  ])('of a timespan up to 360 hours: "%s" is %s', (written, expected) => {
    expect(readAs(timeSpan({ min: 0, max: 1_296_000 }), written)).toBe(expected)
  })

  test('of a choice becomes the word as it was given, whatever the letter case', () => {
    const kind = choice(['inprocess', 'outofprocess', ''])
    expect(readAs(kind, 'OutOfProcess')).toBe('outofprocess')
    expect(readAs(kind, '')).toBe('')
    expect(readAs(kind, 'bogus')).toBe('malformed')
    expect(kind.allowed).toBe('inprocess or outofprocess')
  })

  test('of a list becomes its words, and is refused without any', () => {
    expect(readAs(list('verbs'), 'GET, POST,,HEAD ')).toEqual(['GET', 'POST', 'HEAD'])
    expect(readAs(list('verbs'), ' , ')).toBe('malformed')
  })
})

test('the values that may be written are described in words', () => {
  expect(uint({ min: 0, max: 600, unit: 'seconds' }).allowed).toBe('a whole number from 0 to 600 (seconds)')
  expect(timeSpan({ min: 0, max: 1_296_000 }).allowed).toContain('from 00:00:00 to 360:00:00')
})
