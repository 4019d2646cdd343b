import { describe, expect, test } from 'vitest'
import type { SiteLimits } from '../../../../src/config/host-settings.ts'
import type { Connection } from '../../../../src/http/exchange.ts'
import { SiteConnections } from '../../../../src/http/site-connections.ts'
import type { ApplicationFacts } from '../../../../src/site/modules/module.ts'
import { siteLimits } from '../../../../src/site/modules/site-limits.ts'
import { exchangeOf } from '../support.ts'

function gateOf(limits: SiteLimits, connections = new SiteConnections()) {
  const { gate } = siteLimits.create(undefined, { siteLimits: { limits, connections } } as ApplicationFacts)
  return (target: string, connection = exchangeOf().connection): string | undefined => {
    const answer = gate?.({ ...exchangeOf({ target }), connection })
    return answer !== undefined && 'failure' in answer ? answer.failure.kind : undefined
  }
}

function openConnection(): { connection: Connection; end: () => void } {
  const listeners: (() => void)[] = []
  const connection = { ...exchangeOf().connection, onEnd: (listener: () => void) => void listeners.push(listener) }
  const end = (): void => {
    for (const listener of listeners) listener()
  }
  return { connection, end }
}

describe('<limits> of a site', () => {
  test.each([
    ['/', 0],
    ['/a', 1],
    ['/a/', 1],
    ['/a/b/c', 3],
    ['//', 1],
  ])('%s has %i segments', (path, segments) => {
    expect(gateOf({ maxUrlSegments: Math.max(1, segments) })(path)).toBeUndefined()
    if (segments > 1) expect(gateOf({ maxUrlSegments: segments - 1 })(path)).toBe('too-many-segments')
  })

  test('maxConnections counts each connection once, and not when it has ended', () => {
    const ask = gateOf({ maxConnections: 2 })
    const [one, two, three] = [openConnection(), openConnection(), openConnection()]
    const asked = [one, one, two, three, two].map(({ connection }) => ask('/', connection))
    expect(asked).toEqual([undefined, undefined, undefined, 'site-full', undefined])
    one.end()
    expect(ask('/', three.connection)).toBeUndefined()
  })

  test('connectionTimeout is told to the connection, behind a trusted proxy to that of the proxy', () => {
    const ask = gateOf({ connectionTimeoutMs: 5_000 })
    const { connection } = openConnection()
    ask('/', connection)
    expect(connection.idleTimeoutMs).toBe(5_000)
    const proxy = openConnection().connection
    ask('/', { ...connection, idleTimeoutMs: undefined, proxy })
    expect(proxy.idleTimeoutMs).toBe(5_000)
    gateOf({ connectionTimeoutMs: 0 })('/', connection)
    expect(connection.idleTimeoutMs).toBe(Number.POSITIVE_INFINITY)
  })

  test('may change from one request to the next, and leave the connection its own time when they are gone', () => {
    const inForce: { limits: SiteLimits | undefined; readonly connections: SiteConnections } = {
      limits: { connectionTimeoutMs: 5_000, maxUrlSegments: 1 },
      connections: new SiteConnections(),
    }
    const { gate } = siteLimits.create(undefined, { siteLimits: inForce } as ApplicationFacts)
    const { connection } = openConnection()
    expect(gate?.({ ...exchangeOf({ target: '/a/b' }), connection })).toMatchObject({ setting: 'maxUrlSegments="1"' })
    inForce.limits = undefined
    expect(gate?.({ ...exchangeOf({ target: '/a/b' }), connection })).toBeUndefined()
    expect(connection.idleTimeoutMs).toBeUndefined()
  })

  test('cost nothing where there are none', () => {
    expect(siteLimits.create(undefined, {} as ApplicationFacts)).toEqual({})
  })
})
