import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../src/platform/clock.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { openThree, take } from './pools.ts'
import { launchOf, leased, openPool, portForApp, refused } from './support.ts'

/** The system's clock, which a test may set forward. */
function movableClock(): Clock & { forward(ms: number): void } {
  let ahead = 0
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    forward: (ms) => {
      ahead += ms
    },
  }
}

describe('which process a request gets', () => {
  test('no process is started before the first request', () => {
    const { pool, outputs } = openPool(launchOf(['serve']))
    expect(pool.take()).toBeUndefined()
    expect(pool.status).toEqual([])
    expect(outputs).toEqual([])
  })

  test('a hundred requests at once share one start', async () => {
    const made = openPool(launchOf(['serve']))
    const leases = await Promise.all(Array.from({ length: 100 }, () => leased(made)))
    expect(new Set(leases).size).toBe(1)
    expect(made.ears.all('processStarted')).toHaveLength(1)
    expect(made.pool.status).toMatchObject([{ state: 'running', requests: 100, tunnels: 0 }])
    for (const lease of leases) lease.release()
    expect(made.pool.status).toMatchObject([{ requests: 0 }])
  })

  test('take() returns a ready process without waiting', async () => {
    const made = openPool(launchOf(['serve']))
    const lease = await leased(made)
    expect(made.pool.take()).toBe(lease)
    expect(lease.pid).toBe(lease.channel.target.pid)
    expect(made.ears.all('processStarted')[0]?.[0]).toMatchObject({
      pid: lease.pid,
      listeningPid: lease.pid,
      attempt: 1,
    })
  })

  test('three slots have three processes, ports and tokens, used in turn', async () => {
    const made = await openThree()
    const first = [take(made), take(made), take(made)]
    expect(new Set(first.map((lease) => lease.pid)).size).toBe(3)
    expect(new Set(first.map((lease) => lease.id)).size).toBe(3)
    expect(new Set(first.map((lease) => lease.channel.target.port)).size).toBe(3)
    expect(new Set(first.map((lease) => lease.channel.target.token)).size).toBe(3)
    for (const lease of first) lease.release()
    expect([take(made), take(made), take(made), take(made)]).toEqual([...first, first[0]])
  })

  test('the process with the fewest requests in flight is taken, WebSockets counted', async () => {
    const made = await openThree()
    const [one, two, three] = [take(made), take(made), take(made)]
    one.becomeTunnel()
    two.release()
    expect(take(made)).toBe(two)
    three.release()
    expect(take(made)).toBe(three)
    one.releaseTunnel()
    expect(take(made)).toBe(one)
  })

  test('a request that asks for a ready process gets it, however busy it is', async () => {
    const made = await openThree()
    const one = take(made)
    for (let request = 0; request < 5; request += 1) expect(made.pool.take(['gone', one.id])).toBe(one)
    expect(made.pool.take(['somebody else'])).not.toBe(one)
    process.kill(one.pid, 'SIGKILL')
    await made.ears.until('processExited')
    expect(made.pool.take([one.id])).not.toBe(one)
  })

  test('a request that finds one ready process does not wait for the missing ones, but has them started', async () => {
    const made = openPool(launchOf(['serve'], { config: { processesPerApplication: 3 } }))
    const one = await leased(made)
    expect(made.outputs).toHaveLength(1)
    for (let request = 0; request < 10; request += 1) expect(take(made)).toBe(one)
    await made.ears.until('processStarted', 3)
    expect(made.outputs).toHaveLength(3)
    expect(take(made)).not.toBe(one)
  })

  test('a fixed port has one process, whatever processesPerApplication says', async () => {
    const environmentVariables = [{ name: 'ASPNETCORE_PORT', value: String(await portForApp()) }]
    const config = { processesPerApplication: 2, environmentVariables, startAttempts: 1 }
    const made = openPool(launchOf(['serve'], { config }))
    const one = await leased(made)
    expect(await leased(made)).toBe(one)
    expect(made.pool.places).toBe(1)
    expect(made.outputs).toHaveLength(1)
  })

  test('a slot that cannot have a process leaves its requests to one that is ready', async () => {
    const made = openPool(launchOf(['serve'], { config: { processesPerApplication: 2 } }))
    const one = await leased(made)
    const broken = openPool(launchOf(['exit', '7', '0'], { config: { processesPerApplication: 2 } }))
    broken.pool.adopt(made.pool)
    void made.pool.retire('recycle')
    for (let request = 0; request < 5; request += 1) expect(await leased(broken)).toBe(one)
    await broken.ears.until('processStartFailed')
    expect(await leased(broken)).toBe(one)
  })

  test('of more than a thousand waiting requests the others are refused', async () => {
    const made = openPool(launchOf(['never-listen']))
    const waiting = Array.from({ length: 1000 }, () => made.pool.lease())
    expect(await refused(made)).toEqual({ why: 'queue-full' })
    made.pool.destroy()
    const outcomes = await Promise.all(waiting)
    expect(outcomes.every((outcome) => !outcome.ok && outcome.failure.why === 'retired')).toBe(true)
  })

  test('a client that disconnects leaves the queue', async () => {
    const made = openPool(launchOf(['never-listen']))
    const leave: (() => void)[] = []
    const waiting = Array.from({ length: 1000 }, () => made.pool.lease({ onGone: (listener) => leave.push(listener) }))
    expect(await refused(made)).toEqual({ why: 'queue-full' })
    leave[0]?.()
    leave[0]?.()
    waiting.push(made.pool.lease())
    expect(await refused(made)).toEqual({ why: 'queue-full' })
    made.pool.destroy()
    await Promise.all(waiting)
  })
})

describe('a failed start', () => {
  test('is the answer for all waiting requests, and is reported once', async () => {
    const made = openPool(launchOf(['exit', '7', '50', 'sorry']))
    const failures = await Promise.all(Array.from({ length: 20 }, () => refused(made)))
    const [first] = failures
    expect(first).toMatchObject({ why: 'start-failed', report: { cause: { why: 'exited', code: 7 } } })
    expect(
      failures.every(
        (failure) => failure.why === 'start-failed' && first?.why === 'start-failed' && failure.report === first.report,
      ),
    ).toBe(true)
    expect(made.ears.all('startAttemptFailed')).toHaveLength(2)
    expect(made.ears.all('processStartFailed')).toHaveLength(1)
    expect(made.pool.history).toMatchObject({ starts: 0, failedStarts: 1, deaths: 0 })
  })

  test('is the answer for one second, then a new start is made', async () => {
    const clock = movableClock()
    const made = openPool(launchOf(['exit', '7', '0']), { clock })
    const first = await refused(made)
    expect(await refused(made)).toEqual(first)
    expect(made.outputs).toHaveLength(1)
    clock.forward(1000)
    await refused(made)
    expect(made.outputs).toHaveLength(2)
  })

  test('counts once toward rapid fail, however many attempts it had', async () => {
    const clock = movableClock()
    const made = openPool(launchOf(['exit', '7', '0'], { config: { rapidFailsPerMinute: 1 } }), { clock })
    for (const why of ['start-failed', 'start-failed', 'rapid-fail', 'rapid-fail']) {
      expect((await refused(made)).why).toBe(why)
      clock.forward(1000)
    }
    expect(made.ears.all('rapidFailTripped')).toEqual([[1]])
    clock.forward(60_000)
    expect((await refused(made)).why).toBe('start-failed')
  })

  test('closes its output', async () => {
    const made = openPool(launchOf(['exit', '7', '0']))
    await refused(made)
    await eventually('the output is closed', () => made.outputs[0]?.closed)
  })
})

test('a part of the command that was read otherwise than written is reported once', async () => {
  const made = openPool(
    launchOf([], { config: { arguments: 'exec .\\gone.dll', processPath: 'C:\\dotnet\\dotnet.exe' } }),
  )
  await refused(made)
  expect(made.ears.all('commandNoted')).toEqual([])
  const dll = openPool(
    launchOf([], { config: { arguments: '--version', processPath: 'C:\\dotnet\\dotnet.exe', startAttempts: 3 } }),
  )
  await refused(dll)
  expect(dll.ears.all('commandNoted').map(([text]) => text)).toEqual([expect.stringContaining('is a Windows path')])
})

test('a pool works with its output discarded', async () => {
  const made = openPool(launchOf(['serve']), { openOutput: () => 'ignore' })
  const lease = await leased(made)
  process.kill(lease.pid, 'SIGKILL')
  await made.ears.until('processExited')
  expect(made.ears.all('processExited')[0]?.[0].lastLines).toEqual([])
})

describe('a pool that keeps a process running', () => {
  test('starts one without a request, and another when that has crashed', async () => {
    const { pool, ears } = openPool(launchOf(['serve']))
    pool.keepRunning()
    await ears.until('processStarted')
    const [first] = ears.all('processStarted')[0] ?? []
    process.kill(first?.pid ?? Number.NaN, 'SIGKILL')
    await eventually('another one listens', () => ears.all('processStarted').length === 2)
    const [second] = ears.all('processStarted')[1] ?? []
    expect(second?.pid).not.toBe(first?.pid)
    expect(pool.ready).toBe(1)
  })

  test('starts none beyond the limit of failures, and one again when that is over', async () => {
    const clock = movableClock()
    const { pool, ears } = openPool(launchOf(['serve'], { config: { rapidFailsPerMinute: 1 } }), { clock })
    pool.keepRunning()
    for (let started = 1; started <= 2; started++) {
      await eventually('it listens', () => ears.all('processStarted').length === started && pool.ready === 1)
      process.kill(ears.all('processStarted').at(-1)?.[0].pid ?? Number.NaN, 'SIGKILL')
    }
    await ears.until('rapidFailTripped')
    expect(ears.all('processStarted')).toHaveLength(2)
    clock.forward(60_000)
    await eventually('it listens again', () => ears.all('processStarted').length === 3)
  })

  test('starts none after a failed start before a request would, and goes on trying', async () => {
    const { pool, ears } = openPool(launchOf(['exit', '3', '0'], { config: { rapidFailsPerMinute: 1 } }))
    pool.keepRunning()
    await ears.until('rapidFailTripped')
    expect(ears.all('processStartFailed')).toHaveLength(2)
  })

  test('starts none when it is retired', async () => {
    const { pool, ears } = openPool(launchOf(['serve']))
    pool.keepRunning()
    await ears.until('processStarted')
    await pool.retire('offline')
    pool.keepRunning()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(ears.all('processStarted')).toHaveLength(1)
  })
})
