import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../src/http/exchange.ts'
import { SiteTable } from '../../../src/site/site-table.ts'

const request = (port: number, host: string, path: string): Exchange =>
  ({ connection: { localPort: port }, host, path }) as unknown as Exchange

const everywhere = (port: number) => [{ port, hostName: '' }]

describe('site table', () => {
  it('gives a single root application every request, whatever port and host name', () => {
    const table = new SiteTable([{ bindings: everywhere(80), applications: [{ path: '/', application: 'root' }] }])
    expect(table.find(request(81, 'x', '/a'))).toBe('root')
  })

  it('prefers the longest path, only at a segment boundary, without regard to case', () => {
    const applications = ['/', '/shop', '/shop/admin'].map((path) => ({ path, application: path }))
    const table = new SiteTable([{ bindings: everywhere(80), applications }])
    expect(table.find(request(80, 'x', '/SHOP/Admin/users'))).toBe('/shop/admin')
    expect(table.find(request(80, 'x', '/shop'))).toBe('/shop')
    expect(table.find(request(80, 'x', '/shopping'))).toBe('/')
  })

  it('finds nothing for a path outside of every application', () => {
    const table = new SiteTable([{ bindings: everywhere(80), applications: [{ path: '/sub', application: 'sub' }] }])
    expect(table.find(request(80, 'x', '/'))).toBeUndefined()
    expect(table.find(request(80, 'x', '/sub/x'))).toBe('sub')
  })

  it('prefers an exact host name to the catch-all on the same port, and ignores the port in Host', () => {
    const table = new SiteTable([
      { bindings: everywhere(80), applications: [{ path: '/', application: 'any' }] },
      { bindings: [{ port: 80, hostName: 'www.example.org' }], applications: [{ path: '/', application: 'www' }] },
    ])
    expect(table.find(request(80, 'WWW.example.org:80', '/'))).toBe('www')
    expect(table.find(request(80, '[::1]:80', '/'))).toBe('any')
    expect(table.find(request(8080, 'www.example.org', '/'))).toBeUndefined()
  })

  it('gives a host name of two sites to the first of them, and a single site only requests for its host name', () => {
    const named = (application: string) => ({
      bindings: [{ port: 80, hostName: 'www.example.org' }],
      applications: [{ path: '/', application }],
    })
    expect(new SiteTable([named('one'), named('two')]).find(request(80, 'www.example.org', '/'))).toBe('one')
    const alone = new SiteTable([named('one')])
    expect(alone.find(request(80, 'www.example.org', '/'))).toBe('one')
    expect(alone.find(request(80, 'example.org', '/'))).toBeUndefined()
  })
})

describe('a site table with bindings to one address', () => {
  const from = (localAddress: string, host: string): Exchange =>
    ({ connection: { localPort: 80, localAddress }, host, path: '/' }) as unknown as Exchange
  const site = (application: string, address: string | undefined, hostName: string) => ({
    bindings: [{ address, port: 80, hostName }],
    applications: [{ path: '/', application }],
  })
  const table = new SiteTable([
    site('any', undefined, ''),
    site('one', '192.0.2.1', ''),
    site('named', undefined, 'www.example.org'),
    site('one, named', '192.0.2.1', 'www.example.org'),
    site('other', '192.0.2.2', 'other.example.org'),
  ])

  it.each([
    ['192.0.2.1', 'www.example.org', 'one, named'],
    ['192.0.2.2', 'www.example.org', 'named'],
    ['192.0.2.1', 'x', 'one'],
    ['192.0.2.2', 'x', 'any'],
    ['192.0.2.1', 'other.example.org', 'one'],
    ['192.0.2.2', 'other.example.org:80', 'other'],
  ])('sends a request to %s for %s to %s', (address, host, application) => {
    expect(table.find(from(address, host))).toBe(application)
  })

  it('does not read the local address of a connection when no binding of its port has an address', () => {
    const connection = {
      localPort: 80,
      get localAddress(): string {
        throw new Error('asked')
      },
    }
    const sites = [site('any', undefined, ''), site('named', undefined, 'a')]
    const exchange = { connection, host: 'a', path: '/' } as unknown as Exchange
    expect(new SiteTable(sites).find(exchange)).toBe('named')
  })
})
