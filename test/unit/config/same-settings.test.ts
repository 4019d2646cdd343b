import { describe, expect, test } from 'vitest'
import { sameSettings } from '../../../src/config/same-settings.ts'

const place = (line: number) => ({ file: 'ancmd.config', line, column: 3 })
const element = (line: number, value: string) => ({
  name: 'add',
  at: place(line),
  attributes: new Map([['name', { name: 'name', value, at: place(line), valueAt: place(line) }]]),
  children: [],
})

describe('two parts of a configuration are the same', () => {
  test('where only the places in the file differ', () => {
    expect(sameSettings([element(1, 'a')], [element(7, 'a')])).toBe(true)
  })

  test('where a member is undefined in one and missing in the other', () => {
    expect(sameSettings({ port: 80, address: undefined }, { port: 80 })).toBe(true)
    expect(sameSettings({ port: 80 }, { port: 80, address: undefined })).toBe(true)
  })

  test.each([
    ['a value', { port: 80 }, { port: 81 }],
    ['a member more', { port: 80 }, { port: 80, host: '' }],
    ['a member less', { port: 80, host: '' }, { port: 80 }],
    ['the order of a list', ['a', 'b'], ['b', 'a']],
    ['the length of a list', ['a'], ['a', 'b']],
    ['a list in place of an object', { 0: 'a' }, ['a']],
    ['an attribute', element(1, 'a'), element(1, 'b')],
    ['nothing in place of something', null, {}],
  ])('but not where %s differs', (_what, a, b) => {
    expect(sameSettings(a, b)).toBe(false)
    expect(sameSettings(b, a)).toBe(false)
  })
})
