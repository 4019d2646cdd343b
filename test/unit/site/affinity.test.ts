import { describe, expect, test } from 'vitest'
import type { ForwardOptions } from '../../../src/forward/forwarder.ts'
import { Affinity, affinityCookie } from '../../../src/site/affinity.ts'
import { exchangeOf } from './support.ts'

const plain: ForwardOptions = { requestTimeout: 1000, forwardResponseConnectionHeader: false }

function cookieOf(path: string, headers: readonly string[] = []): string | undefined {
  return new Affinity(path, plain).optionsFor(exchangeOf({ headers }), 'one').addedFields?.[1]
}

describe('the cookie that names a process', () => {
  test.each([
    ['/', '/'],
    ['/shop', '/shop'],
    ['/my shop', '/my%20shop'],
    ['/a;b', '/a%3Bb'],
    ['/käse', '/k%C3%A4se'],
  ])('of the application at %s is for %s', (path, written) => {
    expect(cookieOf(path)).toBe(`${affinityCookie}=one; Path=${written}; HttpOnly; SameSite=Lax`)
  })

  test.each(['cross-site', 'Cross-Site'])('comes back from pages of another site (%s) as well', (site) => {
    expect(cookieOf('/', ['Sec-Fetch-Site', site])).toMatch(/; SameSite=None; Secure$/)
  })

  test.each(['same-site', 'same-origin', 'none'])('is for pages of its own site alone where one asks (%s)', (site) => {
    expect(cookieOf('/', ['Sec-Fetch-Site', site])).toMatch(/; SameSite=Lax$/)
  })

  test('is not given to the next client', () => {
    const affinity = new Affinity('/', plain)
    affinity.optionsFor(exchangeOf(), 'one')
    const named = affinity.optionsFor(exchangeOf({ headers: ['Cookie', `${affinityCookie}=one`] }), 'one')
    expect(named).toEqual({ ...plain, withheldCookie: affinityCookie })
  })
})
