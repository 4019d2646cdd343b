import { describe, expect, test } from 'vitest'
import { cookieValues, withoutCookie } from '../../../src/http/cookies.ts'

describe('the values of a cookie', () => {
  test.each([
    ['A=1', ['1']],
    ['B=2; A=1', ['1']],
    ['A=1; B=2;A=3', ['1', '3']],
    // Two lines, as they are joined.
    ['B=2, A=1', ['1']],
    ['A=', ['']],
    ['AA=1; B=A=2', []],
    ['', []],
  ])('in %s', (field, values) => {
    expect(cookieValues(field, 'A')).toEqual(values)
  })
})

describe('a line without a cookie', () => {
  test.each([
    ['A=1', ''],
    ['B=2; A=1', 'B=2'],
    ['A=1; B=2', 'B=2'],
    ['A=1; B="x y";A=3; C=4', 'B="x y"; C=4'],
    ['AA=1; B=A=2', 'AA=1; B=A=2'],
    ['B=2;C=3', 'B=2;C=3'],
  ])('%s', (line, rest) => {
    expect(withoutCookie(line, 'A')).toBe(rest)
  })
})
