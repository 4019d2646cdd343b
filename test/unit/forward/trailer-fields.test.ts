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
])('the trailer field %s is dropped', (name) => {
  expect(passingTrailers([name, 'x', 'X-Sum', '7'])).toEqual(['X-Sum', '7'])
})

test('undefined when all trailer fields are dropped', () => {
  expect(passingTrailers(undefined)).toBeUndefined()
  expect(passingTrailers([])).toBeUndefined()
  expect(passingTrailers(['Host', 'x'])).toBeUndefined()
})
