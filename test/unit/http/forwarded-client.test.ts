import { describe, expect, test } from 'vitest'
import type { Connection } from '../../../src/http/exchange.ts'
import { createClientFinder, findClient } from '../../../src/http/forwarded-client.ts'
import { AddressSet } from '../../../src/platform/address-set.ts'
import { exchangeOf } from '../site/support.ts'

const set = AddressSet.of(['10.0.0.0/8', '2001:db8:1::/48'])
const trusted = set.ok ? set.value : AddressSet.none
const peer = { remoteAddress: '10.0.0.1', remotePort: 4000, scheme: 'http' } as const

function client(forwardedFor?: string, forwardedProto?: string): string {
  const { address, port, scheme } = findClient(peer, forwardedFor, forwardedProto, trusted)
  return `${scheme} ${address} ${String(port)}`
}

describe('the client that a trusted proxy tells of', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9 0'],
    ['203.0.113.9:5678', '203.0.113.9 5678'],
    ['6.6.6.6, 203.0.113.9', '203.0.113.9 0'],
    ['6.6.6.6, 203.0.113.9, 10.0.0.3, 10.0.0.2', '203.0.113.9 0'],
    ['6.6.6.6,203.0.113.9:1 ,\t10.0.0.3:2', '203.0.113.9 1'],
    ['10.0.0.9, 10.0.0.3', '10.0.0.9 0'],
    ['2001:db8::1', '2001:db8::1 0'],
    ['[2001:db8::1]', '2001:db8::1 0'],
    ['"[2001:db8::1]:443", [2001:db8:1::5]:80', '2001:db8::1 443'],
    ['::ffff:203.0.113.9', '203.0.113.9 0'],
    ['6.6.6.6, ::ffff:10.0.0.3, ::ffff:10.0.0.2', '6.6.6.6 0'],
    [', 203.0.113.9, ,', '203.0.113.9 0'],
  ])('in %s is %s', (list, expected) => {
    expect(client(list)).toBe(`http ${expected}`)
  })

  test.each([
    'unknown',
    '_hidden',
    '203.0.113.9, unknown',
    '203.0.113.9, 10.0.0',
    '203.0.113.9, 1.2.3.4:99999',
    '203.0.113.9, [1.2.3.4]:5',
    '203.0.113.9, [fe80::1%eth0]',
    '203.0.113.9, 1.2.3.4:5:6',
    '203.0.113.9, "',
    'for=203.0.113.9',
    '',
    ',,,',
    '\xe4',
  ])('is the proxy itself where its entry is no address: %j', (list) => {
    expect(client(list)).toBe('http 10.0.0.1 4000')
  })

  test('is the last address before an entry that is none', () => {
    expect(client('203.0.113.9, unknown, 10.0.0.7:9')).toBe('http 10.0.0.7 9')
  })

  test.each([
    [undefined, 'https', 'https'],
    ['203.0.113.9', 'HTTPS', 'https'],
    ['203.0.113.9', 'https, http', 'http'],
    ['6.6.6.6, 203.0.113.9', 'https, http', 'http'],
    ['203.0.113.9, 10.0.0.3', 'https, http', 'https'],
    ['203.0.113.9, 10.0.0.3, 10.0.0.2', 'https, http', 'http'],
    ['203.0.113.9', 'ftp', 'http'],
    ['203.0.113.9', '', 'http'],
    ['203.0.113.9', undefined, 'http'],
  ])('came, with X-Forwarded-For %s and X-Forwarded-Proto %s, by %s', (list, protocols, scheme) => {
    expect(client(list, protocols).split(' ')[0]).toBe(scheme)
  })

  test('keeps the scheme of the connection if the proxy names none', () => {
    expect(findClient({ ...peer, scheme: 'https' }, '203.0.113.9', undefined, trusted).scheme).toBe('https')
  })
})

describe('the connection of an exchange', () => {
  const finder = createClientFinder(['10.0.0.0/8'])
  const over = (connection: Connection, ...headers: string[]) => {
    const exchange = { ...exchangeOf({ headers }), connection, raw: {} }
    return { exchange, found: finder?.find(exchange) }
  }

  test('is its own for a stranger, whatever its fields say', () => {
    const { connection } = exchangeOf({ remoteAddress: '192.0.2.7' })
    for (let count = 0; count < 2; count++) {
      const { exchange, found } = over(connection, 'X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'https')
      expect(found).toBe(exchange)
    }
  })

  test("is the client's behind a trusted proxy, and what was read stays", () => {
    const { connection } = exchangeOf({ remoteAddress: '10.0.0.1' })
    const { exchange, found } = over(connection, 'X-Forwarded-For', '203.0.113.9:7', 'X-Forwarded-Proto', 'https')
    expect(found?.connection).toMatchObject({ remoteAddress: '203.0.113.9', remotePort: 7, scheme: 'https' })
    expect(found?.connection.proxy).toBe(connection)
    expect(found?.connection.localPort).toBe(connection.localPort)
    expect([found?.raw, found?.headers, found?.reply]).toEqual([exchange.raw, exchange.headers, exchange.reply])
  })

  test('is one object as long as the proxy tells of the same client, and another for another client', () => {
    const { connection } = exchangeOf({ remoteAddress: '10.0.0.1' })
    const seen = ['203.0.113.9', '203.0.113.9', '203.0.113.10', '203.0.113.9'].map(
      (address) => over(connection, 'X-Forwarded-For', address).found?.connection,
    )
    expect(seen[1]).toBe(seen[0])
    expect(seen.map((one) => one?.remoteAddress)).toEqual(['203.0.113.9', '203.0.113.9', '203.0.113.10', '203.0.113.9'])
  })

  test('says that a proxy is in front, also without its fields', () => {
    const { connection } = exchangeOf({ remoteAddress: '10.0.0.1' })
    const found = over(connection).found?.connection
    expect([found?.proxy, found?.remoteAddress]).toEqual([connection, '10.0.0.1'])
  })

  test('is never looked for where no proxy is trusted; a text that is no network is a mistake of the program', () => {
    expect(createClientFinder([])).toBeUndefined()
    expect(createClientFinder(undefined)).toBeUndefined()
    expect(() => createClientFinder(['10.0.0.0/64'])).toThrow("'10.0.0.0/64'")
  })
})
