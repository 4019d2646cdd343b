import { describe, expect, test } from 'vitest'
import { readAuthority } from '../../../src/http/authority.ts'

describe('an authority', () => {
  test.each([
    'a',
    'A.b-c_d~1',
    'localhost:80',
    '1.2.3.4',
    '[::1]',
    '[2001:db8::1]:8080',
    'a.',
    'a:0',
    'a:65535',
    'a:00080',
    "!$&'()",
    "it's",
    'a'.repeat(255),
  ])('%s is accepted', (text) => {
    expect(readAuthority(text)).toBe(text)
  })

  test.each([
    ['a:', 'a'],
    ['[::1]:', '[::1]'],
    ['1.2.3.4:', '1.2.3.4'],
  ])('%s has an empty port, which is left out: %s', (text, authority) => {
    expect(readAuthority(text)).toBe(authority)
  })

  test.each([
    '',
    ':80',
    'a:65536',
    'a:000080',
    'a:8o',
    'a:-1',
    'a:80:90',
    'u@a',
    'a/b',
    'a?b',
    'a b',
    'a,b',
    'a%41',
    'a;b',
    'a=b',
    'a+b',
    'a"',
    ':',
    'ä',
    '*',
    '::1',
    '[::1',
    '[::1]a',
    '[]:',
    '[1.2.3.4]',
    '[fe80::1%eth0]',
    '[]',
    `${'a'.repeat(256)}`,
  ])('%s is refused', (text) => {
    expect(readAuthority(text)).toBeUndefined()
  })
})
