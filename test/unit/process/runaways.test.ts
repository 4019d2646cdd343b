import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Launch } from '../../../src/process/life/launch.ts'
import { eventually } from '../../support/eventually.ts'
import { childrenOf, isAlive } from '../../support/processes.ts'
import { launchOf, leased, openPool, type TestPool } from './support.ts'

interface Running extends TestPool {
  /** Whom requests reach. */
  readonly listener: number
  readonly launcher: number
}

async function running(launch: Launch): Promise<Running> {
  const made = openPool(launch)
  ;(await leased(made)).release()
  const [started] = made.ears.all('processStarted')[0] ?? []
  return { ...made, listener: started?.listeningPid ?? 0, launcher: started?.pid ?? 0 }
}

const config = { shutdownTimeLimit: 1000 }

describe('an app in a session of its own that inherited nothing', () => {
  test.each(['aspNetCore', 'httpPlatform'] as const)('gets the signal of a stop: %s', async (kind) => {
    const made = await running(launchOf(['bare-session', 'no-integration'], { config: { kind } }))
    expect(made.listener).not.toBe(made.launcher)
    await made.pool.retire('recycle')
    expect(made.ears.all('processKilled')).toEqual([])
    expect(isAlive(made.listener)).toBe(false)
  })

  test('is killed at shutdownTimeLimit when it ignores the signal', async () => {
    const made = await running(launchOf(['bare-session', 'stubborn'], { config }))
    await made.pool.retire('recycle')
    expect(made.ears.all('processKilled')).toEqual([[made.launcher]])
    expect(isAlive(made.listener)).toBe(false)
  })

  test('is killed at once by destroy()', async () => {
    const made = await running(launchOf(['bare-session', 'stubborn']))
    made.pool.destroy()
    await made.pool.retire('host-stopping')
    expect(isAlive(made.listener)).toBe(false)
  })

  test('is still used when its launcher dies, and ended at the stop', async () => {
    const made = await running(launchOf(['bare-session', 'no-integration'], { config }))
    process.kill(made.launcher, 'SIGKILL')
    await eventually('the launcher is reaped', () => !childrenOf(process.pid).includes(made.launcher))
    const lease = await leased(made)
    expect(lease.pid).toBe(made.launcher)
    lease.release()
    await made.pool.retire('recycle')
    expect(isAlive(made.listener)).toBe(false)
    // Only its own parent, which is gone, was told how it ended.
    expect(made.ears.all('processExited')[0]?.[0]).toMatchObject({ code: null, signal: null, expected: true })
  })
})

test('the orphan guard gets every process group, and forgets it at its end', async () => {
  const told: string[] = []
  const guard = {
    instance: randomUUID(),
    watch: (group: number) => told.push(`+${String(group)}`),
    forget: (group: number) => told.push(`-${String(group)}`),
  }
  const made = await running(launchOf(['bare-session', 'no-integration'], { config, guard }))
  const groups = [made.launcher, made.listener].map(String)
  expect(told).toEqual(groups.map((group) => `+${group}`))
  await made.pool.retire('recycle')
  expect(told).toEqual(expect.arrayContaining(groups.map((group) => `-${group}`)))
  const failing = openPool(launchOf(['exit', '1', '0'], { config: { startAttempts: 1 }, guard }))
  told.length = 0
  await failing.pool.lease()
  const [first = ''] = told
  expect(told).toContain(first.replace('+', '-'))
})

test('with a fixed token, too, an app that left for a session of its own is ended with its launcher', async () => {
  const environmentVariables = [{ name: 'ASPNETCORE_TOKEN', value: 'the-same-for-all' }]
  const made = await running(launchOf(['double-fork'], { config: { ...config, environmentVariables } }))
  await made.pool.retire('recycle')
  expect(isAlive(made.listener)).toBe(false)
})

test('an app that answers the shutdown message with endless 1xx heads is sent SIGTERM after half of the time', async () => {
  const made = await running(launchOf(['only-interim-heads'], { config }))
  await made.pool.retire('recycle')
  expect(made.outputs[0]?.text).toContain('shutdown')
  expect(made.ears.all('shutdownRequested')).toEqual([[made.launcher, undefined, 'no answer within 500 ms']])
  expect(made.ears.all('processExited')[0]?.[0]).toMatchObject({ signal: 'SIGTERM', expected: true })
})
