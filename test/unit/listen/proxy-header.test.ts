import { describe, expect, test } from 'vitest'
import { readProxyHeader } from '../../../src/listen/proxy-header.ts'

const signature = '0d0a0d0a000d0a515549540a'

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

const good: readonly [what: string, header: Buffer, addresses: object | undefined][] = [
  [
    'version 1, IPv4',
    Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'),
    { remoteAddress: '192.0.2.7', remotePort: 56324, localAddress: '198.51.100.1', localPort: 443 },
  ],
  [
    'version 1, IPv6 in another spelling',
    Buffer.from('PROXY TCP6 2001:DB8:0:0::7 ::1 1 65535\r\n'),
    { remoteAddress: '2001:db8::7', remotePort: 1, localAddress: '::1', localPort: 65535 },
  ],
  [
    'version 1, the longest',
    Buffer.from(
      'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff1 65535 65534\r\n',
    ),
    {
      remoteAddress: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0',
      remotePort: 65535,
      localAddress: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff1',
      localPort: 65534,
    },
  ],
  ['version 1 of an unknown client', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['version 1 of an unknown client with anything behind it', Buffer.from('PROXY UNKNOWN a b c d e f\r\n'), undefined],
  [
    'version 2, IPv4',
    bytes(`${signature} 21 11 000c c0000207 c6336401 dc04 01bb`),
    { remoteAddress: '192.0.2.7', remotePort: 56324, localAddress: '198.51.100.1', localPort: 443 },
  ],
  [
    'version 2, IPv4 with more behind the addresses',
    bytes(`${signature} 21 11 0013 c0000207 c6336401 dc04 01bb 04000400000000`),
    { remoteAddress: '192.0.2.7', remotePort: 56324, localAddress: '198.51.100.1', localPort: 443 },
  ],
  [
    'version 2, IPv6',
    bytes(`${signature} 21 21 0024 20010db8000000000000000000000007 00000000000000000000ffff01020304 dc04 01bb`),
    { remoteAddress: '2001:db8::7', remotePort: 56324, localAddress: '1.2.3.4', localPort: 443 },
  ],
  ['version 2 of the proxy itself', bytes(`${signature} 20 00 0000`), undefined],
  [
    'version 2 of the proxy itself, with addresses that mean nothing',
    bytes(`${signature} 20 11 0004 01020304`),
    undefined,
  ],
]

describe('a PROXY header', () => {
  test.each(good)('is read: %s', (_what, header, addresses) => {
    expect(readProxyHeader(header)).toEqual({ kind: 'header', length: header.length, addresses })
    const more = Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\n\r\n')])
    expect(readProxyHeader(more)).toEqual({ kind: 'header', length: header.length, addresses })
  })

  test.each(good)('is waited for while it is cut: %s', (_what, header) => {
    for (let length = 0; length < header.length; length += 1) {
      const read = readProxyHeader(header.subarray(0, length))
      if (read.kind !== 'partial') throw new Error(`${String(length)} bytes: ${JSON.stringify(read)}`)
      expect(read.atLeast).toBeGreaterThan(length)
      expect(read.atLeast).toBeLessThanOrEqual(header.length)
    }
  })

  test.each([
    ['a request', 'GET / HTTP/1.1\r\n'],
    ['lower case', 'proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n'],
    ['another family', 'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n'],
    ['an IPv6 address as TCP4', 'PROXY TCP4 ::1 2.2.2.2 1 2\r\n'],
    ['an IPv4 address as TCP6', 'PROXY TCP6 1.1.1.1 ::1 1 2\r\n'],
    ['an address with a leading zero', 'PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n'],
    ['a port with a leading zero', 'PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n'],
    ['a port that is too large', 'PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n'],
    ['a port with a sign', 'PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n'],
    ['too few words', 'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n'],
    ['too many words', 'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n'],
    ['two blanks', 'PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n'],
    ['a line that ends with LF alone', 'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n\r\n'],
    ['a line without end', `PROXY UNKNOWN ${'x'.repeat(100)}`],
    ['a line that is too long', `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`],
  ])('is refused: version 1, %s', (_what, text) => {
    expect(readProxyHeader(Buffer.from(text)).kind).toBe('malformed')
  })

  test.each([
    ['another version', '11 11 000c c0000207 c6336401 dc04 01bb'],
    ['an unknown command', '22 11 000c c0000207 c6336401 dc04 01bb'],
    ['UDP', '21 12 000c c0000207 c6336401 dc04 01bb'],
    ['no family', '21 00 0000'],
    ['a Unix socket', `21 31 00d8 ${'00'.repeat(216)}`],
    ['too few bytes for its addresses', '21 11 000b c0000207 c6336401 dc04 01'],
    ['IPv4 in place of IPv6', '21 21 000c c0000207 c6336401 dc04 01bb'],
  ])('is refused: version 2, %s', (_what, hex) => {
    expect(readProxyHeader(bytes(signature + hex)).kind).toBe('malformed')
  })

  test('is not guessed where its first bytes are another', () => {
    for (const text of ['P', 'PROXY', '\r\n\r\n']) expect(readProxyHeader(Buffer.from(text)).kind).toBe('partial')
    for (const text of ['X', 'PRI * HTTP/2.0', '\r\n\r\nx', 'PROXYX']) {
      expect(readProxyHeader(Buffer.from(text)).kind, text).toBe('malformed')
    }
  })
})
