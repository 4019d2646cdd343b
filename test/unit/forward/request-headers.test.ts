import { describe, expect, test } from 'vitest'
import { requestHeaders } from '../../../src/forward/request-headers.ts'
import type { Connection, Exchange, RequestBody, Upgrade } from '../../../src/http/exchange.ts'
import { RawHeaders } from '../../../src/http/headers.ts'

const connection: Connection = {
  scheme: 'http',
  localAddress: '192.0.2.1',
  localPort: 80,
  remoteAddress: '192.0.2.7',
  remotePort: 51_000,
  clientCertificate: undefined,
  onEnd: () => undefined,
}
const fromProxy: Connection = { ...connection, proxy: { ...connection, remoteAddress: '10.0.0.1' } }
const OURS = ['X-Forwarded-For', '192.0.2.7:51000', 'X-Forwarded-Proto', 'http', 'MS-ASPNETCORE-TOKEN', 'T']

/** The fields that go out for these; ours at the end are taken off when they are as expected. */
function out(fields: readonly string[], more: Partial<Exchange> = {}): string[] {
  const exchange = {
    method: 'GET',
    host: 'a',
    headers: new RawHeaders(fields),
    connection,
    body: undefined,
    upgrade: undefined,
  }
  const all = requestHeaders({ ...exchange, ...more }, 'T')
  return all.slice(-6).join() === OURS.join() ? all.slice(0, -6) : all
}

const body = (length: number | undefined): Pick<Exchange, 'body'> => ({ body: { length } as RequestBody })

describe('the fields that go to the application', () => {
  test('are those of the client in order and casing, followed by ours', () => {
    const fields = ['hOST', 'a', 'X-B', '1', 'x-a', '\xe4', 'X-B', '2', 'Cookie', 'c', 'Cookie', 'd']
    expect(
      requestHeaders(
        { method: 'GET', host: 'a', headers: new RawHeaders(fields), connection, body: undefined, upgrade: undefined },
        'T',
      ),
    ).toEqual([...fields, ...OURS])
  })

  test("have the host that the front found, in place of the client's Host or first", () => {
    expect(out(['X', 'y', 'Host', 'old'], { host: 'new' })).toEqual(['X', 'y', 'Host', 'new'])
    expect(out(['X', 'y'], { host: 'new' })).toEqual(['Host', 'new', 'X', 'y'])
  })

  test.each([
    ['Keep-Alive', 'x'],
    ['Proxy-Connection', 'x'],
    ['Expect', '100-continue'],
    ['TE', 'gzip'],
    ['Connection', 'close'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABk'],
  ])('lack hop-by-hop fields: %s', (name, value) => {
    expect(out(['Host', 'a', name, value, name.toUpperCase(), value])).toEqual(['Host', 'a'])
  })

  test('lack the fields that Connection names', () => {
    expect(
      out([
        'Host',
        'a',
        'X-Hop',
        '1',
        'Connection',
        'x-hop',
        'X-End',
        '2',
        'connection',
        'close, X-OTHER',
        'x-other',
        '3',
      ]),
    ).toEqual(['Host', 'a', 'X-End', '2'])
  })

  test('keep all of ours, whatever Connection names', () => {
    const named = 'host, content-length, transfer-encoding, x-forwarded-for, x-forwarded-proto, ms-aspnetcore-token'
    expect(
      requestHeaders(
        {
          method: 'POST',
          host: 'a',
          headers: new RawHeaders(['Host', 'a', 'Connection', named, 'X-Forwarded-For', '203.0.113.9']),
          connection: fromProxy,
          upgrade: undefined,
          ...body(5),
        },
        'T',
      ),
    ).toEqual([
      'Host',
      'a',
      'Content-Length',
      '5',
      'X-Forwarded-For',
      '203.0.113.9, 192.0.2.7:51000',
      'X-Forwarded-Proto',
      'http',
      'MS-ASPNETCORE-TOKEN',
      'T',
    ])
  })

  test('keep the trailers of TE', () => {
    expect(out(['Host', 'a', 'te', 'gzip, Trailers'])).toEqual(['Host', 'a', 'te', 'trailers'])
  })

  test.each([
    'MS-ASPNETCORE-TOKEN',
    'ms-aspnetcore-token',
    'MS-ASPNETCORE',
    'MS-ASPNETCOREX',
    'mS-ASPNETCORE-f',
    'MS_ASPNETCORE_TOKEN',
    'Ms_AspNetCore-Event',
    'MS-ASPNETCORE-WINAUTHTOKEN',
    'MS-ASPNETCORE-ANCMD-USER',
    'ms_aspnetcore_ancmd_user',
    'X_FORWARDED_FOR',
    'x-forwarded_proto',
    'X-Forwarded_Host',
  ])('lack %s, which only we may send', (name) => {
    expect(out(['Host', 'a', name, 'forged'])).toEqual(['Host', 'a'])
  })

  test.each([
    'Forwarded',
    'X-Forwarded-Host',
    'X-Forwarded-Prefix',
    'x-forwarded',
  ])('lack %s, unless it comes from a trusted proxy', (name) => {
    expect(out(['Host', 'a', name, 'x'])).toEqual(['Host', 'a'])
    expect(out(['Host', 'a', name, 'x'], { connection: fromProxy })).toEqual(['Host', 'a', name, 'x'])
  })

  test.each([
    'MS-ASPNET',
    'X-MS-ASPNETCORE-TOKEN',
    'X_Forwardes',
    'Forwarder',
  ])('keep %s, which is not one of ours', (name) => {
    expect(out(['Host', 'a', name, 'x'])).toEqual(['Host', 'a', name, 'x'])
  })

  test('have the framing of the body that was read, not as it was written', () => {
    expect(out(['Host', 'a', 'Content-Length', '05'], { method: 'POST', ...body(5) })).toEqual([
      'Host',
      'a',
      'Content-Length',
      '5',
    ])
    expect(out(['Host', 'a', 'Transfer-Encoding', 'gzip'], { method: 'DELETE', ...body(undefined) })).toEqual([
      'Host',
      'a',
      'Transfer-Encoding',
      'chunked',
    ])
    expect(out(['Host', 'a'], { method: 'POST' })).toEqual(['Host', 'a', 'Content-Length', '0'])
    expect(out(['Host', 'a', 'Content-Length', '0'])).toEqual(['Host', 'a', 'Content-Length', '0'])
    expect(out(['Host', 'a'], { method: 'DELETE' })).toEqual(['Host', 'a'])
  })

  test('continue the lists of a trusted proxy', () => {
    const fields = [
      'X-Forwarded-For',
      '1.1.1.1',
      'Host',
      'a',
      'x-forwarded-for',
      '',
      'X-Forwarded-For',
      '2.2.2.2',
      'X-Forwarded-Proto',
      'https',
    ]
    expect(out(fields, { connection: fromProxy }).slice(2)).toEqual([
      'X-Forwarded-For',
      '1.1.1.1, 2.2.2.2, 192.0.2.7:51000',
      'X-Forwarded-Proto',
      'https, http',
      'MS-ASPNETCORE-TOKEN',
      'T',
    ])
  })

  test('lack the lists of a stranger', () => {
    expect(out(['X-Forwarded-For', '1.1.1.1', 'Host', 'a', 'X-Forwarded-Proto', 'https'])).toEqual(['Host', 'a'])
  })

  test('have the address alone of a client whose port no proxy tells', () => {
    const addresses = ['203.0.113.9', '2001:db8::1'].map(
      (remoteAddress) => out(['Host', 'a'], { connection: { ...fromProxy, remoteAddress, remotePort: 0 } })[3],
    )
    expect(addresses).toEqual(['203.0.113.9', '2001:db8::1'])
  })

  test('have an IPv6 client in brackets, and https', () => {
    const ipv6: Connection = { ...connection, scheme: 'https', remoteAddress: '2001:db8::1' }
    expect(out(['Host', 'a'], { connection: ipv6 }).slice(2, 6)).toEqual([
      'X-Forwarded-For',
      '[2001:db8::1]:51000',
      'X-Forwarded-Proto',
      'https',
    ])
  })

  test('have the client certificate when there is one, and never one that the client sent', () => {
    const certified: Connection = { ...connection, clientCertificate: 'MIIB' }
    const fields = out(['Host', 'a', 'MS-ASPNETCORE-CLIENTCERT', 'forged'], { connection: certified })
    expect(fields.slice(-4)).toEqual(['MS-ASPNETCORE-CLIENTCERT', 'MIIB', 'MS-ASPNETCORE-TOKEN', 'T'])
    expect(fields).not.toContain('forged')
  })

  test('have the upgrade once, and keep its extensions', () => {
    const upgrade = { protocol: 'WebSocket' } as Upgrade
    const fields = [
      'Host',
      'a',
      'Connection',
      'keep-alive, Upgrade',
      'Upgrade',
      'WebSocket',
      'Sec-WebSocket-Extensions',
      'x',
    ]
    expect(out(fields, { upgrade })).toEqual([
      'Host',
      'a',
      'Sec-WebSocket-Extensions',
      'x',
      'Connection',
      'Upgrade',
      'Upgrade',
      'WebSocket',
    ])
  })
})
