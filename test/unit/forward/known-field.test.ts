import { describe, expect, test } from 'vitest'
import { knownField, requestHeaders } from '../../../src/forward/request-headers.ts'
import { RawHeaders } from '../../../src/http/headers.ts'
import { exchangeOf } from '../site/support.ts'

const names = ['x-a', 'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x_forwarded_host']
const written = new RawHeaders(names.flatMap((name) => [name, `${name} of the client`]))
const connection = { ...exchangeOf().connection, remoteAddress: '192.0.2.7', remotePort: 51_000 }
const fromProxy = { ...connection, proxy: { ...connection, remoteAddress: '10.0.0.1' } }

describe('a field that somebody reads before the request is forwarded', () => {
  test('is what the application gets', () => {
    const sent = new RawHeaders(requestHeaders({ ...exchangeOf(), headers: written, connection }, 'T'))
    for (const name of names)
      expect(knownField({ headers: written, connection }, name), name).toBe(sent.get(name) ?? '')
    expect(sent.get('x-forwarded-for')).toBe('192.0.2.7:51000')
    expect(sent.get('x-forwarded-host')).toBeUndefined()
  })

  test('is what a trusted proxy says, and what is known of the client where it says nothing', () => {
    for (const name of names.slice(0, -1))
      expect(knownField({ headers: written, connection: fromProxy }, name), name).toBe(`${name} of the client`)
    const nothing = { headers: new RawHeaders([]), connection: fromProxy }
    expect(knownField(nothing, 'x-forwarded-for')).toBe('192.0.2.7:51000')
    expect(knownField(nothing, 'x-forwarded-proto')).toBe('http')
    expect(knownField(nothing, 'x-forwarded-host')).toBe('')
  })
})
