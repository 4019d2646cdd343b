import { describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { isAlive } from '../../support/processes.ts'
import { helperOf, launchOf, leased, openPool, refused } from './support.ts'

describe('a process that dies', () => {
  test('by kill -9 is replaced at the next request, by one with another port and token', async () => {
    const made = openPool(launchOf(['serve']))
    const lease = await leased(made)
    process.kill(lease.pid, 'SIGKILL')
    await made.ears.until('processExited')
    expect(made.pool.take()).toBeUndefined()
    expect(lease.channel.closed).toBe(1)
    expect(made.ears.all('processExited')[0]?.[0]).toMatchObject({
      pid: lease.pid,
      code: null,
      signal: 'SIGKILL',
      expected: false,
    })
    const next = await leased(made)
    expect(next.pid).not.toBe(lease.pid)
    expect(next.channel.target.token).not.toBe(lease.channel.target.token)
    expect(made.pool.history).toMatchObject({ starts: 2, deaths: 1 })
    lease.release()
  })

  test('is reported with all its last lines', async () => {
    const made = openPool(launchOf(['exit-on-signal', '3']))
    process.kill((await leased(made)).pid, 'SIGUSR2')
    await made.ears.until('processExited')
    const [exit] = made.ears.all('processExited')[0] ?? []
    expect(exit).toMatchObject({ code: 3, signal: null, expected: false })
    expect(exit?.lastLines.at(-1)).toBe('last wor')
  })

  test('is reported without the token that it printed', async () => {
    const made = openPool(launchOf(['tell-token', 'late']))
    process.kill((await leased(made)).pid, 'SIGUSR2')
    await made.ears.until('processExited')
    expect(made.outputs[0]?.text).toMatch(/^expected [0-9a-f-]{36}$/m)
    expect(made.ears.all('processExited')[0]?.[0].lastLines.at(-1)).toBe('expected [pairing token]')
  })

  test('five times in a row is started five times', async () => {
    const made = openPool(launchOf(['serve']))
    for (let times = 1; times <= 5; times++) {
      const lease = await leased(made)
      process.kill(lease.pid, 'SIGKILL')
      await made.ears.until('processExited', times)
    }
    expect(made.pool.history).toMatchObject({ starts: 5, deaths: 5 })
  })

  test('too often makes starts be refused: with a limit of 0 after the first death', async () => {
    const made = openPool(launchOf(['serve'], { config: { rapidFailsPerMinute: 0 } }))
    process.kill((await leased(made)).pid, 'SIGKILL')
    await made.ears.until('processExited')
    expect(await refused(made)).toEqual({ why: 'rapid-fail', limit: 0 })
    expect(made.ears.all('rapidFailTripped')).toEqual([[0]])
  })

  test('has its descendants killed', async () => {
    const made = openPool(launchOf(['with-helper']))
    const lease = await leased(made)
    const helper = await helperOf(made)
    expect(isAlive(helper)).toBe(true)
    process.kill(lease.pid, 'SIGKILL')
    await made.ears.until('processExited')
    expect(isAlive(helper)).toBe(false)
  })
})

describe('a launcher', () => {
  test('may end while the app that it started goes on', async () => {
    const made = openPool(launchOf(['leaving-launcher', '300']))
    const lease = await leased(made)
    const [started] = made.ears.all('processStarted')[0] ?? []
    await eventually('the launcher is gone', () => !isAlive(lease.pid))
    expect(made.pool.take()).toBe(lease)
    process.kill(started?.listeningPid ?? Number.NaN, 'SIGKILL')
    await made.ears.until('processExited')
    expect(made.ears.all('processExited')[0]?.[0]).toMatchObject({
      pid: lease.pid,
      code: null,
      signal: null,
      expected: false,
    })
    expect(made.pool.take()).toBeUndefined()
  })

  test('that stays does not hide the end of its app', async () => {
    const made = openPool(launchOf(['launcher']))
    const lease = await leased(made)
    const [started] = made.ears.all('processStarted')[0] ?? []
    process.kill(started?.listeningPid ?? Number.NaN, 'SIGKILL')
    await made.ears.until('processExited')
    expect(made.pool.take()).toBeUndefined()
    expect(isAlive(lease.pid)).toBe(false)
  })

  test('and its app are stopped together', async () => {
    for (const fault of ['launcher', 'leaving-launcher', 'double-fork']) {
      const made = openPool(launchOf([fault]))
      await leased(made)
      const [started] = made.ears.all('processStarted')[0] ?? []
      await made.pool.retire('recycle')
      expect(isAlive(started?.pid ?? 0)).toBe(false)
      expect(isAlive(started?.listeningPid ?? 0)).toBe(false)
      expect(made.ears.all('processExited')[0]?.[0].expected).toBe(true)
    }
  })
})
