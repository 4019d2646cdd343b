import { expect, test } from 'vitest'
import { Field, fieldCode } from '../../../src/http1/field-names.ts'

const named = (name: string): number => {
  const bytes = Buffer.from(`x${name}:`, 'latin1')
  return fieldCode(bytes, 1, 1 + name.length)
}

test.each([
  ['Host', Field.host],
  ['DATE', Field.date],
  ['te', Field.te],
  ['Expect', Field.expect],
  ['upGRADE', Field.upgrade],
  ['Trailer', Field.trailer],
  ['Connection', Field.connection],
  ['Keep-Alive', Field.keepAlive],
  ['content-length', Field.contentLength],
  ['TRANSFER-ENCODING', Field.transferEncoding],
  ['Proxy-Connection', Field.proxyConnection],
  ['X-Forwarded-For', Field.xForwardedFor],
  ['x-forwarded-proto', Field.xForwardedProto],
  ['HTTP2-Settings', Field.http2Settings],
  ['Authorization', Field.authorization],
  ['Proxy-Authorization', Field.proxyAuthorization],
  ['WWW-Authenticate', Field.wwwAuthenticate],
  ['Proxy-Authenticate', Field.proxyAuthenticate],
])('%s is recognised in any casing', (name, field) => {
  expect([named(name), named(name.toLowerCase()), named(name.toUpperCase())]).toEqual([field, field, field])
})

test.each([
  'MS-ASPNETCORE-TOKEN',
  'mS-ASPNETCORE-f',
  'MS-ASPNETCOREX',
  'ms_aspnetcore_token',
  'MS-ASPNETCORE',
])('%s is a field of the pairing', (name) => {
  expect(named(name)).toBe(Field.msAspNetCore)
})

test.each([
  'X_Forwarded_For',
  'x-forwarded_for',
  'X_FORWARDED_PROTO',
  'X-Forwarded_Host',
  'x_forwarded-prefix',
  'X-Forwarded-Client_Cert',
])('%s looks like one of the X-Forwarded fields', (name) => {
  expect(named(name)).toBe(Field.forwardedLookalike)
})

test.each([
  'Forwarded',
  'X-Forwarded-Host',
  'X-FORWARDED-PREFIX',
  'x-forwarded',
  'X-Forwarded-For-Original',
])('%s is a field in which proxies tell about the client', (name) => {
  expect(named(name)).toBe(Field.otherForwarded)
})

test.each([
  'Forwarder',
  'X-Forwarde',
  'X.Forwarded-For',
  'XX-Forwarded-For',
  'Hos',
  'Hosts',
  'Content_Length',
  'Transfer_Encoding',
  'Content-Lengt\x0e',
  'MS-ASPNETCOR',
  'XMS-ASPNETCORE',
  'TX',
])('%s is any other field', (name) => {
  expect(named(name)).toBe(Field.other)
})
