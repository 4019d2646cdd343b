import { expect, test } from 'vitest'
import { chooseApplications } from '../../../../src/cli/remote/choose-applications.ts'
import { applicationOf, siteOf } from './statuses.ts'

const www = siteOf('www', 1, [applicationOf(1, '/'), applicationOf(1, '/api'), applicationOf(1, '/api/v2')])
const shop = siteOf('Shop', 2, [applicationOf(2, '/'), applicationOf(2, '/api')])

function chosen(sites: readonly (typeof www)[], wanted: string | undefined): readonly string[] | string {
  const result = chooseApplications({ sites }, wanted)
  return result.ok ? result.value.map(({ name }) => name) : result.failure
}

test.each([
  [undefined, ['www/', 'www/api', 'www/api/v2', 'Shop/', 'Shop/api']],
  ['/LM/W3SVC/2/ROOT/api', ['Shop/api']],
  ['/lm/w3svc/1/root', ['www/']],
  ['shop', ['Shop/', 'Shop/api']],
  ['WWW/API', ['www/api']],
  ['www/', ['www/']],
  ['shop/api', ['Shop/api']],
])('of several sites %j are %j', (wanted, expected) => {
  expect(chosen([www, shop], wanted)).toEqual(expected)
})

test.each([
  [undefined, ['/', '/api', '/api/v2']],
  ['/', ['/']],
  ['/API', ['/api']],
  ['www', ['/', '/api', '/api/v2']],
  ['www/api/v2', ['/api/v2']],
])('of one site %j are %j', (wanted, expected) => {
  expect(chosen([www], wanted)).toEqual(expected)
})

test.each([
  '/api',
  'api',
  'ww',
  'www/ap',
  '',
])('%j names none of several sites, and the names that there are are listed', (wanted) => {
  const failure = chosen([www, shop], wanted)
  expect(failure).toContain(`there is no application '${wanted}'; there are:`)
  expect(failure).toContain('  Shop/api  /LM/W3SVC/2/ROOT/api')
})
