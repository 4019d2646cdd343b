import { expect, test } from 'vitest'
import { localAuthority, plainAddress } from '../../../src/listen/connection-facts.ts'

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::1', '::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:1:2', '::ffff:1:2'],
])('the address %s is %s', (address, plain) => {
  expect(plainAddress(address)).toBe(plain)
})

test('a request without Host was sent to our own address and port', () => {
  const connection = {
    scheme: 'http' as const,
    localAddress: '192.0.2.1',
    localPort: 8080,
    remoteAddress: '192.0.2.2',
    remotePort: 1,
    clientCertificate: undefined,
  }
  expect(localAuthority(connection)).toBe('192.0.2.1:8080')
  expect(localAuthority({ ...connection, localAddress: '::1' })).toBe('[::1]:8080')
})
