import { describe, expect, test } from 'vitest'
import type { Launch } from '../../../src/process/life/launch.ts'
import { isAlive } from '../../support/processes.ts'
import { helperOf, launchOf, leased, openPool, type TestPool } from './support.ts'

/** A pool whose process a request holds. */
async function started(launch: Launch): Promise<TestPool & { pid: number }> {
  const made = openPool(launch)
  const { pid } = await leased(made)
  return { ...made, pid }
}

describe('destroy()', () => {
  test('kills at once, and may be called again', async () => {
    const made = await started(launchOf(['stubborn']))
    made.pool.destroy()
    made.pool.destroy()
    await made.pool.retire('host-stopping')
    expect(made.ears.all('processExited')[0]?.[0]).toMatchObject({ signal: 'SIGKILL', expected: true })
  })

  test('ends a graceful stop under way', async () => {
    const made = await started(launchOf(['slow-shutdown', '600000']))
    const stopped = made.pool.retire('recycle')
    await made.ears.until('shutdownRequested')
    made.pool.destroy()
    await stopped
    expect(isAlive(made.pid)).toBe(false)
    expect(made.ears.all('processKilled')).toEqual([])
  })

  test('kills the whole tree', async () => {
    const made = await started(launchOf(['with-helper']))
    const helper = await helperOf(made)
    expect(isAlive(helper)).toBe(true)
    made.pool.destroy()
    await made.pool.retire('host-stopping')
    expect(isAlive(helper)).toBe(false)
  })
})
