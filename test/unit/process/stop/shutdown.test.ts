import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../../src/platform/clock.ts'
import type { Launch } from '../../../../src/process/life/launch.ts'
import type { Lease } from '../../../../src/process/lease.ts'
import { eventually, pause } from '../../../support/eventually.ts'
import { isAlive } from '../../../support/processes.ts'
import { launchOf, leased, openPool, type TestChannel, type TestPool } from '../support.ts'

/** A pool with one running process, and the lease on it that the request got which started it. */
async function running(launch: Launch): Promise<TestPool & { lease: Lease<TestChannel> }> {
  const made = openPool(launch)
  const outcome = await made.pool.lease()
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return { ...made, lease: outcome.value }
}

/** The one processExited event. */
function exitOf({ ears }: TestPool) {
  expect(ears.all('processExited')).toHaveLength(1)
  return ears.all('processExited')[0]?.[0]
}

describe('a graceful stop', () => {
  test.each([
    ['/', '/iisintegration'],
    ['/sub', '/sub/iisintegration'],
  ])('asks an app at %s by POST %s, with the token, and by no signal', async (applicationPath, path) => {
    const made = await running(launchOf(['serve'], { applicationPath }))
    made.lease.release()
    await made.pool.retire('recycle')
    const host = `127.0.0.1:${String(made.lease.channel.target.port)}`
    expect(made.outputs[0]?.text).toContain(`shutdown ${path} host=${host} paired=true`)
    expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, 202, undefined]])
    expect(exitOf(made)).toMatchObject({ code: 0, signal: null, expected: true })
    expect(made.ears.all('processKilled')).toEqual([])
    expect(made.lease.channel.closed).toBe(1)
    expect(made.outputs[0]?.closed).toBe(true)
  })

  test('sends the shutdown message as soon as the requests in flight are answered', async () => {
    // The limit of that wait never comes.
    const clock = {
      ...systemClock,
      after: (ms: number, act: () => void) => systemClock.after(ms === 250 ? 1e9 : ms, act),
    }
    const made = openPool(launchOf(['serve']), { clock })
    const lease = await leased(made)
    const stopped = made.pool.retire('recycle')
    const url = `http://127.0.0.1:${String(lease.channel.target.port)}/`
    // The app has answered these, so it would have answered what was sent before them.
    for (let request = 0; request < 3; request++) expect((await fetch(url)).status).toBe(200)
    expect(made.outputs[0]?.text).not.toContain('shutdown')
    lease.release()
    await stopped
    expect(made.ears.all('shutdownRequested')).toEqual([[lease.pid, 202, undefined]])
  })

  test('ends at once and sends nothing when the app dies before the shutdown message', async () => {
    // The wait for the request that is out, which would hide a stop that does not notice.
    const clock = {
      ...systemClock,
      after: (ms: number, act: () => void) => systemClock.after(ms === 250 ? 1e9 : ms, act),
    }
    const made = openPool(launchOf(['serve']), { clock })
    const lease = await leased(made)
    const stopped = made.pool.retire('recycle')
    process.kill(lease.pid, 'SIGKILL')
    await stopped
    expect(made.ears.all('shutdownRequested')).toEqual([])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGKILL', expected: false })
    lease.release()
  })

  test('sends the shutdown message after 250 ms even if a request in flight is not answered', async () => {
    const made = await running(launchOf(['serve']))
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, 202, undefined]])
    made.lease.release()
  })

  test('gives an app that answered 202 the time to finish its requests', async () => {
    const made = await running(launchOf(['slow-shutdown', '500']))
    await made.pool.retire('recycle')
    expect(exitOf(made)).toMatchObject({ code: 0, expected: true })
  })

  test.each([130, 143])('reports exit code %i as expected', async (code) => {
    const made = await running(launchOf(['slow-shutdown', '0', String(code)]))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(exitOf(made)).toMatchObject({ code, expected: true })
  })

  test('reports any other exit code as not expected, but counts no rapid fail', async () => {
    const made = await running(launchOf(['slow-shutdown', '0', '134']))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(exitOf(made)).toMatchObject({ code: 134, expected: false })
    expect(made.pool.history.deaths).toBe(0)
  })

  test('sends SIGTERM to an app that does not know the message', async () => {
    const made = await running(launchOf(['no-integration']))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, 404, undefined]])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGTERM', expected: true })
  })

  test('gives an app that was sent SIGTERM the rest of the limit', async () => {
    const made = await running(launchOf(['slow-on-sigterm', '400']))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(made.outputs[0]?.text).toContain('SIGTERM')
    expect(made.ears.all('processKilled')).toEqual([])
    expect(exitOf(made)).toMatchObject({ code: 0, expected: true })
  })

  test('sends no message to a program of an <httpPlatform> section', async () => {
    const made = await running(launchOf(['serve'], { config: { kind: 'httpPlatform' } }))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGTERM', expected: true })
  })

  test('sends SIGTERM when the app no longer listens for the shutdown message', async () => {
    const made = await running(launchOf(['deaf']))
    made.lease.release()
    process.kill(made.lease.pid, 'SIGUSR2')
    await eventually('it is deaf', () => made.outputs[0]?.text.includes('deaf'))
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, undefined, 'ECONNREFUSED']])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGTERM', expected: true })
  })
})

test('an app that does not answer the message is sent SIGTERM after half of the time', async () => {
  const made = await running(launchOf(['hang'], { config: { shutdownTimeLimit: 2000 } }))
  made.lease.release()
  await made.pool.retire('recycle')
  expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, undefined, 'no answer within 1000 ms']])
  expect(exitOf(made)).toMatchObject({ signal: 'SIGTERM', expected: true })
})

describe('at shutdownTimeLimit', () => {
  test('an app that ignores message and signal is killed', async () => {
    const made = await running(launchOf(['stubborn'], { config: { shutdownTimeLimit: 2000 } }))
    made.lease.release()
    await made.pool.retire('recycle')
    expect(made.outputs[0]?.text).toContain('SIGTERM ignored')
    expect(made.ears.all('processKilled')).toEqual([[made.lease.pid]])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGKILL', expected: true })
  })

  test('an app that answered 202 but does not end is killed', async () => {
    const made = await running(launchOf(['slow-shutdown', '600000'], { config: { shutdownTimeLimit: 2000 } }))
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([[made.lease.pid, 202, undefined]])
    expect(made.ears.all('processKilled')).toEqual([[made.lease.pid]])
  })

  test('an app whose requests do not end is killed', async () => {
    const made = await running(launchOf(['slow-on-sigterm', '600000'], { config: { shutdownTimeLimit: 500 } }))
    await made.pool.retire('recycle')
    expect(made.ears.all('processKilled')).toEqual([[made.lease.pid]])
    expect(exitOf(made)?.expected).toBe(true)
    expect(isAlive(made.lease.pid)).toBe(false)
  })

  test('an app with a limit of 0 is killed at once, without a message', async () => {
    const made = await running(launchOf(['serve'], { config: { shutdownTimeLimit: 0 } }))
    await made.pool.retire('recycle')
    expect(made.ears.all('shutdownRequested')).toEqual([])
    expect(made.ears.all('processKilled')).toEqual([[made.lease.pid]])
    expect(exitOf(made)).toMatchObject({ signal: 'SIGKILL', expected: true })
  })
})

describe('after retire()', () => {
  test('no request gets a process any more', async () => {
    const made = await running(launchOf(['slow-shutdown', '200']))
    const stopped = made.pool.retire('offline')
    expect(made.pool.take()).toBeUndefined()
    expect(await made.pool.lease()).toEqual({ ok: false, failure: { why: 'retired' } })
    await stopped
    expect(made.pool.status).toEqual([])
  })

  test('a second call waits for the same end', async () => {
    const made = await running(launchOf(['serve']))
    await Promise.all([made.pool.retire('offline'), made.pool.retire('recycle')])
    expect(made.ears.all('shutdownRequested')).toHaveLength(1)
    expect(exitOf(made)?.expected).toBe(true)
  })

  test('a pool that never started a process has nothing to wait for', async () => {
    const made = openPool(launchOf(['serve']))
    await made.pool.retire('host-stopping')
    expect(made.ears.heard).toEqual([])
  })

  test('a start under way is ended, its child killed, and the waiting request refused', async () => {
    const made = openPool(launchOf(['never-listen']))
    const waiting = [made.pool.lease(), made.pool.lease()]
    await eventually('a child is there', () => made.pool.status[0]?.state === 'starting')
    await pause(100)
    await made.pool.retire('offline')
    for (const outcome of await Promise.all(waiting))
      expect(outcome).toEqual({ ok: false, failure: { why: 'retired' } })
    expect(made.ears.heard).toEqual([])
    expect(made.outputs[0]?.closed).toBe(true)
  })

  test('a new pool starts while the old process finishes', async () => {
    const old = await running(launchOf(['slow-shutdown', '600000'], { config: { shutdownTimeLimit: 600_000 } }))
    const stopped = old.pool.retire('configuration-changed')
    const next = await running(launchOf(['serve']))
    expect(old.pool.status).toMatchObject([{ state: 'draining', pid: old.lease.pid }])
    expect(next.lease.pid).not.toBe(old.lease.pid)
    old.pool.destroy()
    await stopped
    expect(next.pool.take()).toBe(next.lease)
  })
})
