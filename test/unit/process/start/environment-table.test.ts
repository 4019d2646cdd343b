import { describe, expect, test } from 'vitest'
import { EnvironmentTable } from '../../../../src/process/start/environment-table.ts'

function tableOf(...inherited: readonly (readonly [string, string])[]): EnvironmentTable {
  const table = new EnvironmentTable()
  for (const [name, value] of inherited) table.inherit(name, value)
  return table
}

const both = [
  ['http_proxy', 'small'],
  ['HTTP_PROXY', 'large'],
] as const

describe('a table of variables', () => {
  test('finds each of two spellings exactly, and the first for any other spelling', () => {
    const table = tableOf(...both)
    expect(['http_proxy', 'HTTP_PROXY', 'Http_Proxy', 'none'].map((name) => table.get(name))).toEqual([
      'small',
      'large',
      'small',
      undefined,
    ])
  })

  test.each([
    ['HTTP_PROXY', 'HTTP_PROXY'],
    ['http_proxy', 'http_proxy'],
    ['Http_Proxy', 'http_proxy'],
  ])('set as %s, one spelling stays: %s', (name, stays) => {
    const table = tableOf(...both)
    table.set(name, 'new')
    expect(table.entries()).toEqual({ [stays]: 'new' })
    expect(table.get('HTTP_proxy')).toBe('new')
  })

  test('setAs() leaves only the spelling that it is given, and set() then keeps it', () => {
    const table = tableOf(...both)
    table.setAs('Http_Proxy', 'new')
    expect(table.entries()).toEqual({ Http_Proxy: 'new' })
    table.set('HTTP_PROXY', 'newer')
    expect(table.entries()).toEqual({ Http_Proxy: 'newer' })
  })

  test('remove() removes every spelling, and a later set() uses its own', () => {
    const table = tableOf(...both, ['A', '1'])
    table.remove('Http_Proxy')
    expect(table.entries()).toEqual({ A: '1' })
    expect(table.get('http_proxy')).toBeUndefined()
    table.set('HTTP_Proxy', 'new')
    expect(table.entries()).toEqual({ A: '1', HTTP_Proxy: 'new' })
  })

  test('keeps its order when a value changes', () => {
    const table = tableOf(['B', '1'], ['A', '2'])
    table.set('b', '3')
    expect(Object.keys(table.entries())).toEqual(['B', 'A'])
  })
})
