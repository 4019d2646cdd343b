import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../src/http/exchange.ts'
import { SiteTable } from '../../../src/site/routing/site-table.ts'

const request = (port: number, host: string, path: string): Exchange =>
  ({ connection: { localPort: port }, host, path }) as unknown as Exchange

const everywhere = (port: number) => [{ port, hostName: '' }]

describe('site table', () => {
  it('gives a single application every request on its port, whatever its host name, and none on another port', () => {
    const table = new SiteTable([{ bindings: everywhere(80), applications: [{ path: '/', application: 'root' }] }])
    expect(table.find(request(80, 'x', '/a'))).toBe('root')
    expect(table.find(request(80, '', '*'))).toBe('root')
    expect(table.find(request(81, 'x', '/a'))).toBe('unknown-host')
  })

  it('takes the port on which a connection arrived before the one that a proxy reports', () => {
    const table = new SiteTable([{ bindings: everywhere(8080), applications: [{ path: '/', application: 'root' }] }])
    const connection = { localPort: 443, listenerPort: 8080 }
    expect(table.find({ connection, host: 'x', path: '/' } as unknown as Exchange)).toBe('root')
  })

  it('prefers the longest path, only at a segment boundary, without regard to case', () => {
    const applications = ['/', '/shop', '/shop/admin'].map((path) => ({ path, application: path }))
    const table = new SiteTable([{ bindings: everywhere(80), applications }])
    expect(table.find(request(80, 'x', '/SHOP/Admin/users'))).toBe('/shop/admin')
    expect(table.find(request(80, 'x', '/shop'))).toBe('/shop')
    expect(table.find(request(80, 'x', '/shopping'))).toBe('/')
    expect(table.find(request(80, 'x', '/shop/administration/x'))).toBe('/shop')
    expect(table.find(request(80, 'x', '/other/shop/admin'))).toBe('/')
  })

  it('finds nothing for a path outside of every application', () => {
    const table = new SiteTable([{ bindings: everywhere(80), applications: [{ path: '/sub', application: 'sub' }] }])
    expect(table.find(request(80, 'x', '/'))).toBe('no-application')
    expect(table.find(request(80, 'x', '/sub/x'))).toBe('sub')
  })

  it('prefers an exact host name to the catch-all on the same port, and ignores the port in Host', () => {
    const table = new SiteTable([
      { bindings: everywhere(80), applications: [{ path: '/', application: 'any' }] },
      { bindings: [{ port: 80, hostName: 'www.example.org' }], applications: [{ path: '/', application: 'www' }] },
    ])
    expect(table.find(request(80, 'WWW.example.org:80', '/'))).toBe('www')
    expect(table.find(request(80, '[::1]:80', '/'))).toBe('any')
    expect(table.find(request(8080, 'www.example.org', '/'))).toBe('unknown-host')
  })

  it('gives a host name of two sites to the first of them, and a single site only requests for its host name', () => {
    const named = (application: string) => ({
      bindings: [{ port: 80, hostName: 'www.example.org' }],
      applications: [{ path: '/', application }],
    })
    expect(new SiteTable([named('one'), named('two')]).find(request(80, 'www.example.org', '/'))).toBe('one')
    const alone = new SiteTable([named('one')])
    expect(alone.find(request(80, 'www.example.org', '/'))).toBe('one')
    expect(alone.find(request(80, 'example.org', '/'))).toBe('unknown-host')
    expect(alone.find(request(80, '', '/'))).toBe('unknown-host')
    expect(alone.find(request(80, 'www.example.org.:80', '/'))).toBe('one')
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

describe('a site table with wildcards', () => {
  const site = (application: string, hostName: string, address?: string) => ({
    bindings: [{ address, port: 80, hostName }],
    applications: [{ path: '/', application }],
  })
  const table = new SiteTable([
    site('any', ''),
    site('exact', 'www.a.example'),
    site('short', '*.example'),
    site('long', '*.A.example'),
    site('long, one address', '*.a.example', '192.0.2.1'),
    site('one address', '', '192.0.2.1'),
  ])

  it.each([
    ['www.a.example', 'exact'],
    ['WWW2.a.Example:80', 'long'],
    ['x.y.a.example', 'long'],
    ['a.example', 'short'],
    ['b.example.', 'short'],
    ['example', 'any'],
    ['.a.example', 'short'],
    ['192.0.2.7', 'any'],
  ])('sends %s to %s', (host, application) => {
    const connection = { localPort: 80, localAddress: '192.0.2.9' }
    expect(table.find({ connection, host, path: '/' } as unknown as Exchange)).toBe(application)
  })

  it('prefers a host name to an address, and of two alike the one for the address', () => {
    const at = (host: string): string => {
      const connection = { localPort: 80, localAddress: '192.0.2.1' }
      return table.find({ connection, host, path: '/' } as unknown as Exchange)
    }
    expect(at('www.a.example')).toBe('exact')
    expect(at('b.a.example')).toBe('long, one address')
    expect(at('b.example')).toBe('short')
    expect(at('elsewhere')).toBe('one address')
  })
})

describe('a site table', () => {
  it('says that a site is stopped, whatever the path', () => {
    const stopped = { bindings: everywhere(80), applications: [{ path: '/sub', application: 'sub' }], isStopped: true }
    const table = new SiteTable([stopped])
    expect(table.find(request(80, 'x', '/sub'))).toBe('site-stopped')
    expect(table.find(request(80, 'x', '/'))).toBe('site-stopped')
  })

  it('finds a request misdirected whose host name belongs to a binding with other TLS settings', () => {
    const [settings, others] = [{}, {}]
    const site = (application: string, hostName: string, tls: object) => ({
      bindings: [{ port: 443, hostName, tls }],
      applications: [{ path: '/', application }],
    })
    const table = new SiteTable([
      site('a', 'a.test', settings),
      site('b', 'b.test', settings),
      site('c', 'c.test', others),
    ])
    const onConnectionOfA = (host: string): string => {
      const connection = { localPort: 443, tls: { settings } }
      return table.find({ connection, host, path: '/' } as unknown as Exchange)
    }
    expect(onConnectionOfA('a.test')).toBe('a')
    expect(onConnectionOfA('b.test')).toBe('b')
    expect(onConnectionOfA('c.test')).toBe('misdirected')
    expect(onConnectionOfA('d.test')).toBe('unknown-host')
  })

  it('looks a request up as fast among 10,000 bindings and applications as among ten', () => {
    const tableOf = (size: number): SiteTable<number> => {
      const names = Array.from({ length: size }, (_, i) => i)
      const bindings = names.flatMap((i) => [
        { port: 80, hostName: `s${String(i)}.test` },
        { port: 80, hostName: `*.w${String(i)}.test`, address: `10.0.${String(i >> 8)}.${String(i & 255)}` },
      ])
      const applications = names.map((i) => ({ path: `/a${String(i)}`, application: i }))
      return new SiteTable([{ bindings, applications }])
    }
    const [small, large] = [tableOf(10), tableOf(10_000)]
    const connection = { localPort: 80, localAddress: '10.0.0.9' }
    const of = (host: string, path: string): Exchange => ({ connection, host, path }) as unknown as Exchange
    const last = of('s9.test', '/A9/x')
    expect([small.find(last), large.find(last)]).toEqual([9, 9])
    expect(large.find(of('x.w9.test', '/a9999'))).toBe(9_999)
    /** The least time of some rounds, which other programs disturb less than a mean. */
    const cost = (table: SiteTable<number>): number => {
      const missing = of('x.y.z.test', '/a9')
      let least = Number.POSITIVE_INFINITY
      for (let round = 0; round < 20; round++) {
        const begin = process.hrtime.bigint()
        for (let i = 0; i < 2_000; i++) {
          table.find(last)
          table.find(missing)
        }
        least = Math.min(least, Number(process.hrtime.bigint() - begin))
      }
      return least
    }
    cost(small)
    cost(large)
    // A search through all of them would take a thousand times as long.
    expect(cost(large) / cost(small)).toBeLessThan(50)
  })
})
