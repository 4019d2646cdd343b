import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { type GuardedRequest, refusal } from '../../../../src/control/admin/request-guard.ts'

const settings = { token: 'right-token-right-token', host: '127.0.0.1' }
const good: GuardedRequest = {
  method: 'GET',
  path: '/api/status',
  host: '127.0.0.1:8081',
  origin: undefined,
  contentType: undefined,
  authorization: 'Bearer right-token-right-token',
}

function statusOf(changes: Partial<GuardedRequest>): number | undefined {
  return refusal({ ...good, ...changes }, settings)?.status
}

test.each([
  ['an address', '127.0.0.1:8081'],
  ['an IPv6 address', '[::1]:8081'],
  ['an address of the network', '192.168.1.7'],
  ['localhost', 'localhost:8081'],
  ["this machine's name", `${hostname()}:8081`],
])('a Host that is %s is taken', (_what, host) => {
  expect(statusOf({ host })).toBeUndefined()
})

test.each([
  ['a name that somebody else controls', 'evil.example:8081'],
  ['none', undefined],
  ['an empty one', ''],
  ['one that only ends like an address', '127.0.0.1.evil.example'],
  ['one with a user', 'localhost@evil.example'],
])('a Host that is %s is refused with 421, with the token too', (_what, host) => {
  expect(statusOf({ host })).toBe(421)
})

test.each([
  ['http://evil.example', 403],
  ['null', 403],
  ['https://127.0.0.1:8081', 403],
  ['http://127.0.0.1:9', 403],
  ['http://127.0.0.1:8081', undefined],
])('Origin %s: %s', (origin, status) => {
  expect(statusOf({ origin, method: 'POST' })).toBe(status)
})

test.each([
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/jsonp', 415],
  ['application/json; charset=utf-8', undefined],
  [undefined, undefined],
])('a POST of content type %s: %s', (contentType, status) => {
  expect(statusOf({ contentType, method: 'POST' })).toBe(status)
})

test.each([
  ['none', undefined],
  ['another', 'Bearer wrong-token-wrong-token'],
  ['an empty one', 'Bearer '],
  ['one that begins alike', 'Bearer right-token-right-toke'],
  ['Basic', 'Basic cmlnaHQtdG9rZW4tcmlnaHQtdG9rZW4='],
])('%s instead of the token is 401', (_what, authorization) => {
  expect(statusOf({ authorization })).toBe(401)
})

describe('without a token', () => {
  test('health, readiness and the page itself can be read, nothing else', () => {
    const paths = ['/healthz', '/readyz', '/', '/metrics', '/api/status', '/api/applications/x/stop', '/nothing', '//']
    const open = paths.filter((path) => statusOf({ path, authorization: undefined }) === undefined)
    expect(open).toEqual(['/healthz', '/readyz', '/'])
  })

  test('a load balancer may call health by any name', () => {
    expect(statusOf({ path: '/healthz', host: 'front.example', authorization: undefined })).toBeUndefined()
  })
})
