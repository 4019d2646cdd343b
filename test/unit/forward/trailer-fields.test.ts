import { expect, test } from 'vitest'
import { passingTrailers } from '../../../src/forward/trailer-fields.ts'

test.each([
  'Content-Length',
  'Transfer-Encoding',
  'host',
  'Connection',
  'Trailer',
  'TE',
  'Authorization',
  'Set-Cookie',
  'MS-ASPNETCORE-TOKEN',
  'ms_aspnetcore_token',
  'X-Forwarded-For',
  'X_Forwarded_Proto',
  'Forwarded',
  'Upgrade',
  'HTTP2-Settings',
  'Cookie',
  'X-Original-For',
  'X-Original-Proto',
  'X-Original-Host',
])('no trailer may say %s', (name) => {
  expect(passingTrailers([name, 'x', 'X-Sum', '7'])).toEqual(['X-Sum', '7'])
})

test('without any that may pass there are none', () => {
  expect(passingTrailers(undefined)).toBeUndefined()
  expect(passingTrailers([])).toBeUndefined()
  expect(passingTrailers(['Host', 'x'])).toBeUndefined()
})
