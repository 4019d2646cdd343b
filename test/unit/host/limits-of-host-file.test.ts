import { expect, test } from 'vitest'
import { withWebLimits } from '../../../src/host/limits.ts'
import { frontLimits } from '../../../src/listen/limits.ts'

test('limits that the host file does not write stay as they are', () => {
  expect(withWebLimits(frontLimits, {})).toEqual(frontLimits)
})

test('limits of the host file replace ours, and 0 is no limit', () => {
  const webLimits = {
    headerWaitTimeoutMs: 5_000,
    minBytesPerSecond: 500,
    maxConnectionsPerAddress: 7,
    maxRequestBytes: 40_000,
  }
  expect(withWebLimits(frontLimits, { webLimits })).toMatchObject({
    headTimeoutMs: 5_000,
    minBodyRate: 500,
    connectionsPerAddress: 7,
    headBytes: 40_000,
  })
  const none = { headerWaitTimeoutMs: 0, minBytesPerSecond: 0, maxConnectionsPerAddress: 0 }
  expect(withWebLimits(frontLimits, { webLimits: none })).toMatchObject({
    headTimeoutMs: Number.POSITIVE_INFINITY,
    minBodyRate: 0,
    connectionsPerAddress: Number.POSITIVE_INFINITY,
  })
})

test('trusted proxies may have more connections than an address', () => {
  const { exemptAddresses } = withWebLimits(frontLimits, { trustedProxies: ['10.0.0.0/8'] })
  expect([exemptAddresses.has('10.1.1.1'), exemptAddresses.has('192.0.2.7')]).toEqual([true, false])
})
