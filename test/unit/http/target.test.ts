import { describe, expect, test } from 'vitest'
import { readTarget } from '../../../src/http/target.ts'

function read(written: string, method = 'GET'): unknown {
  const result = readTarget(method, written)
  return result.ok ? result.value : result.failure
}

describe('a request target', () => {
  test.each([
    ['/', '/', '/'],
    ['/a/b.css?x=1', '/a/b.css?x=1', '/a/b.css'],
    ['//a//', '//a//', '//a//'],
    ['/?', '/?', '/'],
    ['/a?b?c', '/a?b?c', '/a'],
    ['/a%2Fb', '/a%2Fb', '/a/b'],
    ['/%41%c3%bc%20', '/%41%c3%bc%20', '/Aü '],
    ['/%3F?%3f', '/%3F?%3f', '/?'],
    ['/a\\b%5Cc', '/a\\b%5Cc', '/a/b/c'],
    ['/%ff', '/%ff', '/\ufffd'],
    ['/%25%32%65', '/%25%32%65', '/%2e'],
    ['/?/../%00\\', '/?/../%00\\', '/'],
  ])('%s is forwarded as it is, and its decoded path is used for routing', (written, target, path) => {
    expect(read(written)).toEqual({ target, path, authority: undefined })
  })

  test.each([
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/a//../b', '/a/b'],
    ['/%2e/a', '/a'],
    ['/a/%2E%2e/b', '/b'],
    ['/a/.%2e/b', '/b'],
    ['/a/%2E./b?x/../y', '/b?x/../y'],
    ['/.', '/'],
    ['/a/..', '/'],
  ])('%s has its dot segments resolved', (written, target) => {
    expect(read(written)).toMatchObject({ target })
  })

  test.each([
    '/.a',
    '/..a',
    '/...',
    '/a.',
    '/a../',
    '/.well-known/x',
    '/%2e%2e%2e/',
  ])('%s has no dot segments', (written) => {
    expect(read(written)).toMatchObject({ target: written })
  })

  test.each([
    ['/..', 'leaves-root'],
    ['/a/../../b', 'leaves-root'],
    ['/%2e%2e/', 'leaves-root'],
    ['/./..', 'leaves-root'],
    ['/a/..%2fb', 'hidden-dot-segment'],
    ['/a\\..\\b', 'hidden-dot-segment'],
    ['/%5c.', 'hidden-dot-segment'],
    ['/%', 'malformed-escape'],
    ['/%4', 'malformed-escape'],
    ['/%g0', 'malformed-escape'],
    ['/%0g', 'malformed-escape'],
    ['/%00', 'forbidden-character'],
    ['/%1F', 'forbidden-character'],
    ['/%7f', 'forbidden-character'],
    ['/a b', 'forbidden-character'],
    ['/a\tb', 'forbidden-character'],
    ['/a?b\x7f', 'forbidden-character'],
    ['/\xe4', 'forbidden-character'],
    ['/a#b', 'forbidden-character'],
    ['/a?b#c', 'forbidden-character'],
    ['', 'no-known-form'],
    ['a', 'no-known-form'],
    ['a:80', 'no-known-form'],
    ['*a', 'no-known-form'],
    ['ftp://a/', 'no-known-form'],
    ['http:/a', 'no-known-form'],
    ['*', 'asterisk-without-options'],
    ['http://', 'bad-authority'],
    ['http://u@a/', 'bad-authority'],
    ['http://a b/', 'bad-authority'],
    ['http://a/..', 'leaves-root'],
  ])('%s is refused: %s', (written, fault) => {
    expect(read(written)).toBe(fault)
  })

  test.each([
    ['http://h', '/', 'h'],
    ['HTTPS://h:1/x?y', '/x?y', 'h:1'],
    ['http://[::1]?q', '/?q', '[::1]'],
    ['http://h/a/../b', '/b', 'h'],
  ])('%s is turned into origin form, and its authority is the host', (written, target, authority) => {
    expect(read(written)).toMatchObject({ target, authority })
  })

  test('the asterisk form is for OPTIONS, also as an absolute form without a path', () => {
    expect(read('*', 'OPTIONS')).toEqual({ target: '*', path: '/', authority: undefined })
    expect(read('http://h', 'OPTIONS')).toEqual({ target: '*', path: '/', authority: 'h' })
    expect(read('http://h/', 'OPTIONS')).toMatchObject({ target: '/', authority: 'h' })
  })
})
