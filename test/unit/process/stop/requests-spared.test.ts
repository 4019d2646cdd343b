import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../../src/process/lease.ts'
import { pause } from '../../../support/eventually.ts'
import { launchOf, leased, openPool, type TestChannel, type TestPool } from '../support.ts'

describe.each([
  ['that answers the shutdown message with 404', 'aspNetCore', [404]],
  ['of an <httpPlatform> section', 'httpPlatform', []],
] as const)('an app %s', (_which, kind, statuses) => {
  /** A pool with one running process, and a request in flight on it. */
  async function busy(shutdownTimeLimit: number): Promise<TestPool & { lease: Lease<TestChannel> }> {
    const made = openPool(launchOf(['no-integration'], { config: { kind, shutdownTimeLimit } }))
    return { ...made, lease: await leased(made) }
  }

  function expectEnd({ ears }: TestPool, end: { readonly signal: string; readonly expected: boolean }): void {
    expect(ears.all('processExited')).toMatchObject([[end]])
    expect(ears.all('processKilled')).toEqual([])
  }

  test.each([
    'recycle',
    'configuration-changed',
    'offline',
    'removed',
  ] as const)('gets SIGTERM when its requests are answered, whatever WebSockets it has: %s', async (reason) => {
    const made = await busy(600_000)
    const tunnel = made.pool.take()
    tunnel?.becomeTunnel()
    const stopped = made.pool.retire(reason)
    expect(made.pool.status).toMatchObject([{ state: 'draining', requests: 1, tunnels: 1 }])
    // Longer than the wait before the shutdown message.
    await pause(600)
    await made.ears.until('shutdownRequested', statuses.length)
    expect(made.ears.all('shutdownRequested').map(([, answer]) => answer)).toEqual(statuses)
    expect((await fetch(`http://127.0.0.1:${String(made.lease.channel.target.port)}/`)).status).toBe(200)
    made.lease.release()
    await stopped
    expectEnd(made, { signal: 'SIGTERM', expected: true })
    tunnel?.releaseTunnel()
  })

  test('gets SIGTERM after half of the limit if a request is not answered', async () => {
    const made = await busy(1600)
    const from = performance.now()
    await made.pool.retire('recycle')
    expect(performance.now() - from).toBeGreaterThan(790)
    expectEnd(made, { signal: 'SIGTERM', expected: true })
    made.lease.release()
  })

  test('is not waited for when it ends while its requests are', async () => {
    const made = await busy(600_000)
    const stopped = made.pool.retire('recycle')
    await pause(400)
    process.kill(made.lease.pid, 'SIGKILL')
    await stopped
    expectEnd(made, { signal: 'SIGKILL', expected: false })
    made.lease.release()
  })

  test('gets SIGTERM at once when the daemon stops, whatever is in flight', async () => {
    const made = await busy(600_000)
    const tunnel = made.pool.take()
    tunnel?.becomeTunnel()
    await made.pool.retire('host-stopping')
    expectEnd(made, { signal: 'SIGTERM', expected: true })
    made.lease.release()
    tunnel?.releaseTunnel()
  })
})
